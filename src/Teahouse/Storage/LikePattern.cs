namespace Teahouse.Storage;

/// <summary>Makes a person's search text a pattern for <c>LIKE … ESCAPE '\'</c>.</summary>
public static class LikePattern
{
    /// <summary>What holds <paramref name="text"/> anywhere, its own signs taken literally; empty for no text.</summary>
    public static string Containing(string text) => text.Length == 0
        ? ""
        : $"%{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
}
