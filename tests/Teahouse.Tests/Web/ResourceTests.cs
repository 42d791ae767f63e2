using System.Text.RegularExpressions;
using System.Xml.Linq;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

public sealed partial class ResourceTests
{
    /// <summary>Names of keys, formats and signs that are the same in every language.</summary>
    private static readonly string[] Untranslated =
        ["JSON", "CSV", "Enter", "Shift", "Ctrl", "API", "SMTP", "URL", "CSRF", "HTTP", "HTTPS", "WebSocket", "Teahouse", "Slack", "Google", "Cookie", "English", "IP", "a", "z", "A", "Z", "KiB", "MiB"];

    public static TheoryData<string> Resources() =>
        [.. Repository.List("src/Teahouse", ".resx")
            .Where(file => !file.EndsWith(".en.resx", StringComparison.Ordinal) && !file.EndsWith(".zh-Hans.resx", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Resources))]
    public void Every_language_has_the_same_keys_and_placeholders(string neutral)
    {
        var expected = Read(neutral).ToDictionary(text => text.Key, text => Placeholders(text.Value));

        foreach (var language in new[] { ".zh-Hans.resx", ".en.resx" })
        {
            var translated = Read(neutral.Replace(".resx", language, StringComparison.Ordinal));
            Assert.Equal(expected.Keys.Order(), translated.Keys.Order());
            Assert.All(translated, text => Assert.Equal(expected[text.Key], Placeholders(text.Value)));
            Assert.All(translated, text => Assert.False(string.IsNullOrWhiteSpace(text.Value), text.Key));
        }
    }

    [Theory, MemberData(nameof(Resources))]
    public void The_Chinese_interface_holds_no_English_word(string neutral)
    {
        foreach (var file in new[] { neutral, neutral.Replace(".resx", ".zh-Hans.resx", StringComparison.Ordinal) })
        {
            Assert.All(Read(file), text => Assert.Empty(LatinWord().Matches(text.Value).Select(match => match.Value).Except(Untranslated)));
        }
    }

    [Theory, MemberData(nameof(Resources))]
    public void English_has_one_word_for_signing_in(string neutral)
    {
        Assert.All(Read(neutral.Replace(".resx", ".en.resx", StringComparison.Ordinal)), text => Assert.DoesNotMatch("(?i)\\blog(ged)? (in|out)\\b", text.Value));
    }

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Repository.PathOf(file)).Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    private static IEnumerable<string> Placeholders(string text) => PlaceholderPattern().Matches(text).Select(match => match.Value).Order();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex LatinWord();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex PlaceholderPattern();
}
