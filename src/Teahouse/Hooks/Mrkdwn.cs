using System.Text.RegularExpressions;

namespace Teahouse.Hooks;

/// <summary>Slack's text format as plain text: what stands in angle brackets is worded, escapes are undone. Marks of emphasis stay: people write them too.</summary>
internal static partial class Mrkdwn
{
    /// <summary><c>&lt;url|label&gt;</c> becomes <c>label (url)</c>, so that nobody is led where they do not see.</summary>
    public static string ToText(string text) => Unescape(Bracket().Replace(text, match => Word(match.Groups[1].Value) ?? match.Value));

    // Null for what is no link and no mention: a program that does not know of escapes has written List<int>.
    private static string? Word(string inside)
    {
        var bar = inside.IndexOf('|', StringComparison.Ordinal);
        var (target, label) = bar < 0 ? (inside, "") : (inside[..bar], inside[(bar + 1)..].Trim());
        return target switch
        {
            ['@', .. var user] when IsId(user) => "@" + (label.Length > 0 ? label.TrimStart('@') : user),
            ['#', .. var channel] when IsId(channel) => "#" + (label.Length > 0 ? label.TrimStart('#') : channel),
            ['!', .. var command] when command.Length > 0 && char.IsAsciiLetter(command[0]) => Command(command, label),
            _ when !Scheme().IsMatch(target) => null,
            _ when label.Length == 0 || label == target => Plain(target),
            _ when target.StartsWith("mailto:", StringComparison.Ordinal) || target.StartsWith("tel:", StringComparison.Ordinal) =>
                Plain(target) == label ? label : $"{label} ({Plain(target)})",
            _ => $"{label} ({target})",
        };
    }

    private static bool IsId(string text) => text.Length > 0 && text.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.');

    private static string Command(string command, string label) =>
        label.Length > 0 ? label : "@" + command.Split('^')[0];

    private static string Plain(string target) => target.StartsWith("mailto:", StringComparison.Ordinal) || target.StartsWith("tel:", StringComparison.Ordinal)
        ? target[(target.IndexOf(':', StringComparison.Ordinal) + 1)..]
        : target;

    // The ampersand last: "&amp;lt;" is the text "&lt;".
    private static string Unescape(string text) =>
        text.Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]*://|(mailto|tel):)", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    [GeneratedRegex("<([^<>\n]+)>", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Bracket();
}
