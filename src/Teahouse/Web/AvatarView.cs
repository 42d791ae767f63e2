using System.Globalization;

namespace Teahouse.Web;

/// <summary>A name's avatar for <c>Web/_Avatar.cshtml</c>: its first visible character on a colour derived from the name.</summary>
/// <param name="Name">Empty for the place that a script fills in.</param>
/// <param name="IsSmall">28 px instead of 36 px.</param>
public sealed record AvatarView(string Name, bool IsSmall = false)
{
    private const int Hues = 10;

    public string Initial => Name.Length == 0 ? "" : StringInfo.GetNextTextElement(Name).ToUpperInvariant();

    /// <summary>0–9, the same as <c>avatar.js</c> computes (FNV-1a over UTF-16 units), so that a name keeps its colour.</summary>
    public uint Hue
    {
        get
        {
            var hash = 2166136261u;
            foreach (var unit in Name)
            {
                hash = unchecked((hash ^ unit) * 16777619u);
            }
            return hash % Hues;
        }
    }
}
