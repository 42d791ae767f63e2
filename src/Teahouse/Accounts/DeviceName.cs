using Microsoft.Extensions.Localization;

namespace Teahouse.Accounts;

/// <summary>What a person calls the device behind a <c>User-Agent</c> header: only for the list of one's own sessions, never a decision.</summary>
internal static class DeviceName
{
    // The first that occurs wins: browsers name those they descend from, too.
    private static readonly string[][] Browsers = [["Edg", "Edge"], ["OPR/", "Opera"], ["Firefox", "Firefox"], ["Chrome", "Chrome"], ["Safari", "Safari"]];
    private static readonly string[][] Systems = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]];

    public static string Of(string userAgent, IStringLocalizer text)
    {
        var known = new[] { Find(Browsers, userAgent), Find(Systems, userAgent) }.OfType<string>().ToList();
        return known.Count == 0 ? text["Session.Unknown"] : string.Join(" · ", known);
    }

    private static string? Find(string[][] names, string userAgent) =>
        names.FirstOrDefault(name => userAgent.Contains(name[0], StringComparison.Ordinal))?[1];
}
