using System.Globalization;

namespace Teahouse.Django;

/// <summary>Times as Django writes them into SQLite: <c>2026-11-21 10:15:30.123456</c>, in UTC where the site had <c>USE_TZ</c>, in the site's own zone otherwise; some drivers add an offset.</summary>
internal static class DjangoTime
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-ddTHH:mmzzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzz", "yyyy-MM-dd",
    ];

    /// <summary>Null when it is no time.</summary>
    /// <param name="text">As it stands in the file.</param>
    /// <param name="zone">What times without an offset are of.</param>
    public static DateTimeOffset? Parse(string? text, TimeZoneInfo zone)
    {
        if (text is null || !DateTimeOffset.TryParseExact(text.Replace("Z", "+00:00", StringComparison.Ordinal), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
        {
            return null;
        }
        var hasOffset = text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf(':', StringComparison.Ordinal);
        if (hasOffset && text.Contains(':', StringComparison.Ordinal))
        {
            return parsed.ToUniversalTime();
        }
        var local = DateTime.SpecifyKind(parsed.UtcDateTime, DateTimeKind.Unspecified);
        // An hour that a clock put forward left out never was: the one after it is meant.
        return zone.IsInvalidTime(local) ? new DateTimeOffset(local.AddHours(1), zone.GetUtcOffset(local.AddHours(1))).ToUniversalTime() : new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
