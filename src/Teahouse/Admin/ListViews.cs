namespace Teahouse.Admin;

/// <summary>One filter above a list.</summary>
/// <param name="Name">Its field, and its place in the address.</param>
/// <param name="Label">Localised.</param>
/// <param name="Value">What is chosen now; empty for everything.</param>
public sealed record ListFilter(string Name, string Label, string Value)
{
    /// <summary>Values and their localised words; empty for a field to type into.</summary>
    public IReadOnlyList<(string Value, string Text)> Choices { get; init; } = [];

    /// <summary>The type of a field to type into.</summary>
    public string Type { get; init; } = "text";
}

/// <summary>Search box, filters and the way to the file, for <c>Admin/_ListHead.cshtml</c>.</summary>
/// <param name="Path">The list's page.</param>
/// <param name="SearchLabel">What can be looked for; null where nothing can.</param>
/// <param name="Text">What is looked for now.</param>
/// <param name="Filters">Beside the box.</param>
/// <param name="CsvUrl">The whole list as it is filtered; null for a list that is no file.</param>
public sealed record ListHead(string Path, string? SearchLabel, string Text, IReadOnlyList<ListFilter> Filters, string? CsvUrl)
{
    public bool IsFiltered => Text.Length > 0 || Filters.Any(filter => filter.Value.Length > 0);
}

/// <summary>The ways on from a piece of a list, for <c>Admin/_ListFoot.cshtml</c>; each null where the list ends.</summary>
/// <param name="NewerUrl">Towards its beginning.</param>
/// <param name="OlderUrl">Towards its end.</param>
public sealed record ListFoot(string? NewerUrl, string? OlderUrl);

/// <summary>Asks before something is done, for <c>Admin/_Confirm.cshtml</c>: works without scripts.</summary>
/// <param name="Act">What is to be done, as its button names it on the wire.</param>
/// <param name="Title">The question: what, and how many. Localised.</param>
/// <param name="Text">What it means. Localised.</param>
/// <param name="Submit">The button's words. Localised.</param>
/// <param name="Things">To what: ids and names.</param>
/// <param name="Back">Where the way back goes, and the way on.</param>
public sealed record ConfirmView(string Act, string Title, string Text, string Submit, IReadOnlyList<AdminThing> Things, string Back)
{
    /// <summary>It takes something away for good.</summary>
    public bool IsDanger { get; init; }

    /// <summary>What must be chosen first: the field's name, its label, its values with their words; the first is the default.</summary>
    public (string Name, string Label, IReadOnlyList<(string Value, string Text)> Choices)? Choice { get; init; }
}

/// <summary>The buttons below a list, for <c>Admin/_Acts.cshtml</c>.</summary>
/// <param name="Prefix">Of the keys of their texts.</param>
/// <param name="Acts">In their order.</param>
public sealed record ListActs(string Prefix, IReadOnlyList<AdminAct> Acts);

/// <summary>Something an act is done to.</summary>
public sealed record AdminThing(long Id, string Name)
{
    /// <summary>What it is known by on the wire; its id, unless it has none that is a number.</summary>
    public string Key { get; init; } = Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A button of an administrators' page: what it does to each thing that was chosen.</summary>
/// <param name="Name">On the wire, and in the keys of its texts.</param>
/// <param name="RunAsync">Does it to one; false when there was nothing to do.</param>
public sealed record AdminAct(string Name, Func<AdminThing, CancellationToken, Task<bool>> RunAsync)
{
    public bool IsDanger { get; init; }

    /// <summary>See <see cref="ConfirmView.Choice"/>.</summary>
    public (string Name, string Label, IReadOnlyList<(string Value, string Text)> Choices)? Choice { get; init; }
}
