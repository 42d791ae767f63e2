namespace Teahouse.Sinks.GoogleSheets;

/// <summary>What this process knows of a sink's sheet since its last turn: worth nothing once another process has had one. Belongs to the turn.</summary>
internal sealed class SheetState
{
    /// <summary>The progress that was written down last; another one means that another process has been here.</summary>
    public string? Saved { get; set; }

    /// <summary>Null: not asked for yet, or doubtful.</summary>
    public List<SheetTab>? Tabs { get; set; }

    /// <summary>What stands in the rows of <see cref="Tab"/>; null: not looked yet, or the last call's outcome is not known.</summary>
    public SheetLedger? Ledger { get; set; }

    public string Tab { get; set; } = "";

    /// <summary>The last row of <see cref="Tab"/> that holds anything; true as long as nobody inserts or deletes rows.</summary>
    public long LastRow { get; set; }

    /// <summary>The last row has to be found anew before something is written behind it.</summary>
    public bool MustLook { get; set; } = true;

    /// <summary>When the last rows were written by a call of which more followed at once.</summary>
    public DateTimeOffset WrittenAt { get; set; }

    /// <summary>When the ids were last compared from the beginning of the ledger on.</summary>
    public DateTimeOffset ComparedAt { get; set; }
}
