namespace Teahouse.Web;

/// <summary>The languages of the interface, by BCP 47 tag.</summary>
public static class Languages
{
    public const string TraditionalChinese = "zh-Hant";
    public const string SimplifiedChinese = "zh-Hans";
    public const string English = "en";

    public static IReadOnlyList<string> Supported { get; } = [TraditionalChinese, SimplifiedChinese, English];

    /// <summary>The one of <see cref="Supported"/> called <paramref name="name"/>, whatever its letters' case; null when there is none.</summary>
    public static string? Find(string name) => Supported.FirstOrDefault(language => language.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The supported language for a tag such as <c>zh-TW</c>, <c>zh-hans-cn</c> or <c>en-GB</c>; null when there is none.
    /// Plain <c>zh</c> is the default script of most of its speakers, Simplified.</summary>
    public static string? Match(string tag)
    {
        var parts = tag.ToLowerInvariant().Split('-', '_');
        return parts[0] switch
        {
            "en" => English,
            "zh" when parts.Contains("hant") => TraditionalChinese,
            "zh" when parts.Contains("hans") => SimplifiedChinese,
            "zh" when parts.Any(part => part is "tw" or "hk" or "mo") => TraditionalChinese,
            "zh" => SimplifiedChinese,
            _ => null,
        };
    }
}
