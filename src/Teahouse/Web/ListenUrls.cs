using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Teahouse.Web;

/// <summary>Where the server listens, as <c>URLS</c> says it. The web server takes any name it does not know for every address of the machine; here that is a mistake.</summary>
internal static partial class ListenUrls
{
    private const string Setting = "URLS";
    private const string Allowed = "addresses such as http://127.0.0.1:8000, separated by ;";

    /// <summary>The addresses, one by one.</summary>
    /// <param name="text">As written, separated by <c>;</c> or <c>,</c>.</param>
    /// <param name="hasCertificate">Whether the web server is told of one for TLS.</param>
    /// <exception cref="SettingException">One of them cannot be listened on anywhere.</exception>
    public static IReadOnlyList<string> Parse(string text, Func<bool> hasCertificate)
    {
        var urls = text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0)
        {
            throw new SettingException(Setting, text, Allowed);
        }
        foreach (var url in urls)
        {
            if (WhatIsWrong(url, hasCertificate) is { } allowed)
            {
                throw new SettingException(Setting, SecretUrl.MaskStray(url), allowed);
            }
        }
        return urls;
    }

    /// <summary>The address by which this machine's own programs reach the one listened on: listening everywhere is listening on loopback, too.</summary>
    public static Uri FromHere(string url) => new(Wildcard().Replace(url, static match => match.Groups["v6"].Success ? "//[::1]" : "//127.0.0.1", count: 1));

    /// <summary>People of other machines can use it as it stands: it names one address of the machine, and not that of loopback.</summary>
    public static bool IsForOthers(string url) => !Wildcard().IsMatch(url) && Uri.TryCreate(url, UriKind.Absolute, out var uri) && !uri.IsLoopback;

    /// <summary>The addresses and the port to bind; none for a Unix socket, and the port is 0 where the system chooses.</summary>
    public static (IReadOnlyList<IPAddress> Addresses, int Port) EndPointsOf(string url)
    {
        if (Address().Match(url) is not { Success: true } match)
        {
            return ([], 0);
        }
        return (match.Groups["host"].Value switch
        {
            "localhost" => [IPAddress.Loopback],
            "*" or "+" => [IPAddress.IPv6Any, IPAddress.Any],
            var host => [IPAddress.Parse(host)],
        }, PortOf(match));
    }

    private static string? WhatIsWrong(string url, Func<bool> hasCertificate)
    {
        if (UnixSocket().IsMatch(url))
        {
            return null;
        }
        var match = Address().Match(url);
        if (!match.Success || PortOf(match) > ushort.MaxValue)
        {
            return Allowed;
        }
        if (match.Groups["path"].Value.Length > 0)
        {
            return "an address without a path, such as http://127.0.0.1:8000: the site is at its root";
        }
        var host = match.Groups["host"].Value;
        if (host == "localhost")
        {
            return PortOf(match) == 0 ? "a port that is not 0 with localhost, or http://127.0.0.1:0" : CertificateOf(match, hasCertificate);
        }
        return host is "*" or "+" || IPAddress.TryParse(host, out _) ? CertificateOf(match, hasCertificate)
            : "an IP address of this machine, localhost, or * for all of them; the names people use belong into ALLOWED_HOSTS";
    }

    private static string? CertificateOf(Match match, Func<bool> hasCertificate) => match.Groups["scheme"].Value == "http" || hasCertificate() ? null
        : "https needs a certificate (Kestrel__Certificates__Default__Path and …__Password or …__KeyPath); or let a web server in front end TLS, and listen on http://";

    private static int PortOf(Match match) => match.Groups["port"] is { Success: true } port
        ? int.Parse(port.Value, CultureInfo.InvariantCulture)
        : match.Groups["scheme"].Value == "https" ? 443 : 80;

    [GeneratedRegex(@"^(?<scheme>https?)://(?<host>\[[0-9a-fA-F:.]+(%[^\]]*)?\]|[^:/?#@\[\]\s]+)(:(?<port>\d{1,5}))?/?(?<path>[^\s]*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();

    [GeneratedRegex(@"^http://unix:/[^\s]+$")]
    private static partial Regex UnixSocket();

    [GeneratedRegex(@"//(\*|\+|0\.0\.0\.0|(?<v6>\[::\]))(?=[:/]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex Wildcard();
}
