using System.Globalization;

namespace Teahouse.Django;

/// <summary>What an import did, or would do.</summary>
public sealed class ImportReport
{
    /// <summary>More of one kind than this are counted only.</summary>
    private const int MaxNotes = 200;

    private readonly List<string> _notes = [];
    private readonly Dictionary<string, int> _noted = [];

    public required string Source { get; init; }
    public required bool DryRun { get; init; }

    /// <summary>The older systems whose tables were recognised.</summary>
    public required IReadOnlyList<string> Systems { get; init; }

    public int UsersNew { get; set; }
    public int UsersKnown { get; set; }
    public int Projects { get; set; }
    public int RoomsNew { get; set; }
    public int RoomsKnown { get; set; }
    public int Messages { get; set; }
    public int MessagesRefused { get; set; }

    /// <summary>What is otherwise than it was, or could not be taken: a line each.</summary>
    public IReadOnlyList<string> Notes => [.. _notes, .. _noted.Where(kind => kind.Value > MaxNotes).Select(kind => string.Create(CultureInfo.InvariantCulture, $"… and {kind.Value - MaxNotes:N0} more: {kind.Key}"))];

    internal void Note(string kind, string line)
    {
        var count = _noted[kind] = _noted.GetValueOrDefault(kind) + 1;
        if (count <= MaxNotes)
        {
            _notes.Add(line);
        }
    }

    internal void Refuse(string table, long id, string room, string why)
    {
        MessagesRefused++;
        Note(why, string.Create(CultureInfo.InvariantCulture, $"not taken: {table} {id} in {room}: {why}"));
    }

    /// <summary>For people, a line each.</summary>
    public IEnumerable<string> Lines()
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{(DryRun ? "Would import" : "Imported")} from {string.Join(", ", Systems)} (site {Source}):");
        yield return string.Create(CultureInfo.InvariantCulture, $"accounts: {UsersNew:N0} new, {UsersKnown:N0} known");
        yield return string.Create(CultureInfo.InvariantCulture, $"projects: {Projects:N0} new");
        yield return string.Create(CultureInfo.InvariantCulture, $"rooms: {RoomsNew:N0} new, {RoomsKnown:N0} known");
        yield return string.Create(CultureInfo.InvariantCulture, $"messages: {Messages:N0} new, {MessagesRefused:N0} not taken");
        foreach (var note in Notes)
        {
            yield return "  " + note;
        }
    }
}
