namespace Teahouse.Storage;

/// <summary>Makes a person's search text a pattern for <c>LIKE … ESCAPE '\'</c>.</summary>
public static class LikePattern
{
    /// <summary>What holds <paramref name="text"/> anywhere, its own signs taken literally; empty for no text.</summary>
    public static string Containing(string text) => text.Length == 0
        ? ""
        : $"%{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";

    /// <summary>What <c>LOWER()</c> makes of a text on both databases, one of whose <c>LIKE</c> knows no case.</summary>
    public static string LowerAscii(string text) =>
        string.Create(text.Length, text, static (to, from) =>
        {
            from.CopyTo(to);
            foreach (ref var letter in to)
            {
                letter = char.IsAsciiLetterUpper(letter) ? (char)(letter | 0x20) : letter;
            }
        });
}
