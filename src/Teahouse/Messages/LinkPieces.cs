using System.Text.RegularExpressions;

namespace Teahouse.Messages;

/// <summary>A piece of a message's text: plain, or a web address when <paramref name="Href"/> is not null.</summary>
public readonly record struct LinkPiece(string Text, string? Href);

/// <summary>Cuts a text into plain pieces and web addresses by the same rule as <c>links.js</c>; joined again the pieces are the text.</summary>
public static partial class LinkPieces
{
    public static IEnumerable<LinkPiece> Of(string text)
    {
        var from = 0;
        foreach (var match in Address().Matches(text).AsEnumerable())
        {
            var address = match.Value.TrimEnd(['.', ',', ';', ':', '!', '?', ')', ']', '}']);
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            {
                continue;
            }
            if (match.Index > from)
            {
                yield return new LinkPiece(text[from..match.Index], null);
            }
            yield return new LinkPiece(address, address);
            from = match.Index + address.Length;
        }
        if (from < text.Length)
        {
            yield return new LinkPiece(text[from..], null);
        }
    }

    // Linear time whatever a message holds.
    [GeneratedRegex("https?://[^\\s<>\"'`「」『』（）〈〉《》【】，。、；：！？]+", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
