using System.Text.Json;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Where a sheet sink writes to, as its row keeps it.</summary>
internal sealed record SheetConfig
{
    /// <summary>The id in the spreadsheet's address.</summary>
    public required string Spreadsheet { get; init; }

    public required string Tab { get; init; }

    /// <summary>The service account's key, encrypted with the program's keys; null: the file of <c>GOOGLE_CREDS_PATH</c>.</summary>
    public string? Key { get; init; }

    /// <summary>Whose key it is: an address that the spreadsheet must be shared with.</summary>
    public string? Account { get; init; }

    public static SheetConfig Parse(string json) => JsonSerializer.Deserialize<SheetConfig>(json) ?? throw new JsonException("No configuration.");

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>What a sheet sink remembers between two turns.</summary>
internal sealed record SheetProgress
{
    /// <summary>The tab written to last: the configured one, or one of those it goes on in.</summary>
    public string? Tab { get; init; }

    /// <summary>The last row that held anything there.</summary>
    public long Row { get; init; }

    /// <summary>A call whose outcome is not known yet.</summary>
    public PendingRows? Pending { get; init; }

    /// <summary>The last call that Google said is done, until a look has shown it.</summary>
    public PendingRows? Written { get; init; }

    /// <summary>Until when a call that was given up may yet arrive.</summary>
    public DateTimeOffset? SuspectUntil { get; init; }

    public static SheetProgress Parse(string? json) => json is null ? new() : JsonSerializer.Deserialize<SheetProgress>(json) ?? new();

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>Rows on their way to a sheet. Whoever repeats the call writes the same ids to the same rows, so that it does not matter how often it arrives.</summary>
internal sealed record PendingRows
{
    public required string Tab { get; init; }

    /// <summary>Where the first goes to.</summary>
    public required long Row { get; init; }

    public required IReadOnlyList<long> Ids { get; init; }

    public required DateTimeOffset SentAt { get; init; }
}
