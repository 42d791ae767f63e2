using System.Globalization;
using System.Text.RegularExpressions;

namespace Teahouse.Web;

/// <summary>Shows an address that may hold a password, also one that can't be read: whoever looks for a mistake needs the rest of it.</summary>
internal static partial class SecretUrl
{
    private const string Hidden = "…";

    /// <summary>The address, with everything hidden that is a password or could be meant as one.</summary>
    public static string Mask(string text)
    {
        var match = Address().Match(text);
        if (!match.Success)
        {
            return Hidden;
        }
        var (scheme, rest) = (match.Groups["scheme"].Value, match.Groups["rest"].Value);
        if (scheme == "sqlite:")
        {
            return text;
        }
        // The last one: a password may hold an @, a / or a ? that somebody forgot to encode.
        var at = rest.LastIndexOf('@');
        var user = at < 0 ? "" : MaskUser(rest[..at]) + "@";
        return scheme + user + MaskPlace(rest[(at + 1)..], isWhole: at < 0);
    }

    /// <summary>As <see cref="Mask"/>, of an address that has no place for a password: it is hidden only where somebody gave one all the same.</summary>
    public static string MaskStray(string text) => text.Contains('@', StringComparison.Ordinal) ? Mask(text) : text;

    private static string MaskUser(string user) => user.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? user[..colon] + ":" + Hidden : Hidden;

    private static string MaskPlace(string place, bool isWhole)
    {
        var match = Place().Match(place);
        if (!match.Success || (isWhole && match.Groups["port"] is { Success: true } port && int.Parse(port.Value, CultureInfo.InvariantCulture) > ushort.MaxValue))
        {
            return Hidden;
        }
        var query = match.Groups["query"];
        return query.Success ? place[..query.Index] + Harmless().Replace(query.Value, static pair => pair.Groups["name"].Value + "=" + (pair.Groups["known"].Success ? pair.Groups["value"].Value : Hidden)) : place;
    }

    [GeneratedRegex(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*:(//)?)(?<rest>.*)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Address();

    [GeneratedRegex(@"^(\[[0-9A-Fa-f:.]*\]|[^:/?#\s]+)(:(?<port>\d{1,9}))?(/[^?#:]*)?(\?(?<query>.*))?$", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Place();

    [GeneratedRegex(@"(?<name>(?<known>sslmode|starttls|host|sslrootcert)|[^=&]*)=(?<value>[^&]*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Harmless();
}
