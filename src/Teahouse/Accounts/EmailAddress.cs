using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mail;

namespace Teahouse.Accounts;

/// <summary>What counts as an e-mail address here: one that a mail server takes as it is, without a name, a comment or anything that could end a header line.</summary>
internal static class EmailAddress
{
    /// <summary>The longest that SMTP can carry (RFC 5321).</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;

    /// <summary>The address as typed, without the space around it; null when it is none.</summary>
    public static string? Parse(string? typed)
    {
        var text = typed?.Trim();
        if (text is not { Length: > 0 and <= MaxLength } || text.Any(char.IsControl) || !TryParse(text, out var address) || address.Address != text || address.DisplayName.Length > 0)
        {
            return null;
        }
        // Only what every server on the way takes: an address in letters beyond ASCII needs one that knows SMTPUTF8.
        return address.User.Length <= MaxLocalLength && address.User.All(char.IsAscii) && !address.User.Contains('"', StringComparison.Ordinal) && IsDomain(address.Host) ? text : null;
    }

    /// <summary>What addresses are compared by. Case counts for no mail server that exists.</summary>
    public static string Key(string address) => address.Trim().ToUpperInvariant().ToLowerInvariant();

    private static bool TryParse(string text, [NotNullWhen(true)] out MailAddress? address) => MailAddress.TryCreate(text, out address);

    private static bool IsDomain(string host)
    {
        try
        {
            return Uri.CheckHostName(new IdnMapping { UseStd3AsciiRules = true }.GetAscii(host)) == UriHostNameType.Dns;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
