using System.Globalization;

namespace Teahouse.Web;

/// <summary>A name's avatar for <c>Web/_Avatar.cshtml</c>: its first visible character on a colour derived from the name.</summary>
/// <param name="Name">Empty for the place that a script fills in.</param>
/// <param name="Colour">The colour its owner chose, below <see cref="Colours"/>; null for that of the name.</param>
/// <param name="IsSmall">28 px instead of 36 px.</param>
public sealed record AvatarView(string Name, long? Colour = null, bool IsSmall = false)
{
    /// <summary>How many colours there are, counted from 0.</summary>
    public const int Colours = 10;

    public string Initial => Name.Length == 0 ? "" : StringInfo.GetNextTextElement(Name).ToUpperInvariant();

    /// <summary>Which of the colours it has.</summary>
    public long Hue => Colour ?? HueOf(Name);

    /// <summary>The same as <c>avatar.js</c> computes (FNV-1a over UTF-16 units), so that a name keeps its colour.</summary>
    private static uint HueOf(string name)
    {
        var hash = 2166136261u;
        foreach (var unit in name)
        {
            hash = unchecked((hash ^ unit) * 16777619u);
        }
        return hash % Colours;
    }

    /// <summary>Reads what a form says: a colour's number, or nothing for that of the name.</summary>
    /// <returns>False for anything else.</returns>
    public static bool TryParseColour(string? text, out long? colour)
    {
        colour = string.IsNullOrEmpty(text) ? null : text is [>= '0' and <= '9'] ? text[0] - '0' : -1;
        return colour is null or >= 0;
    }
}
