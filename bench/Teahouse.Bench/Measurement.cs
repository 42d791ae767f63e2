namespace Teahouse.Bench;

/// <summary>What was seen of one server in one case of one scenario, in one run.</summary>
internal sealed record Measurement(string Scenario, string Case, string Server, int Run)
{
    /// <summary>By name, in the order of the table's columns.</summary>
    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>What the reader must know to judge the figures.</summary>
    public string? Note { get; init; }
}

/// <summary>A number with its unit in its name.</summary>
/// <param name="Name">What stands above the column.</param>
/// <param name="Value">NaN when there is none.</param>
/// <param name="Decimals">As many as mean something.</param>
internal readonly record struct Figure(string Name, double Value, int Decimals = 0);
