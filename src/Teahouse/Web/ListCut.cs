namespace Teahouse.Web;

/// <summary>Which piece of a list, newest first, is wanted: what is older than a key, or what is newer. The key is the row's id.</summary>
/// <param name="Key">The row the piece begins behind; it is not part of it.</param>
/// <param name="IsNewer">Towards the beginning of the list.</param>
/// <param name="Limit">How many rows at most.</param>
public readonly record struct ListCut(long Key, bool IsNewer, int Limit)
{
    /// <summary>Tells rows of one key apart, where the key is a time; empty where it is an id.</summary>
    public string Tie { get; init; } = "";

    /// <summary>The beginning of the list.</summary>
    public static ListCut First(int limit) => new(long.MaxValue, IsNewer: false, limit);

    /// <summary>Which of two statements reads the piece: one in the list's order, one against it.</summary>
    public string Of(string older, string newer) => IsNewer ? newer : older;

    /// <summary>The rows in the list's order, whichever statement read them.</summary>
    public List<T> Arrange<T>(List<T> rows)
    {
        if (IsNewer)
        {
            rows.Reverse();
        }
        return rows;
    }
}
