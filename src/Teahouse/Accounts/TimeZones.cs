using System.Collections.Concurrent;
using System.Globalization;

namespace Teahouse.Accounts;

/// <summary>The zones one can choose, worded in the reader's language. Thread-safe.</summary>
internal static class TimeZones
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<Choice>> ByLanguage = new();

    // Zones keep the wording of the language they were first read in, so they are read anew for each, one at a time.
    private static readonly Lock Gate = new();

    /// <summary>A zone's IANA name and what readers call it.</summary>
    public sealed record Choice(string Id, string Text);

    public static bool IsKnown(string id) => IsChoice(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out _);

    /// <summary>The zone of that name; null for none, also for one that this machine does not know any more, which is no reason to fail.</summary>
    public static TimeZoneInfo? Find(string? id) => id is not null && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;

    /// <summary>All of them in the present language, from west to east.</summary>
    public static IReadOnlyList<Choice> List() => ByLanguage.GetOrAdd(CultureInfo.CurrentUICulture.Name, _ =>
    {
        lock (Gate)
        {
            TimeZoneInfo.ClearCachedData();
            return [.. TimeZoneInfo.GetSystemTimeZones().Where(zone => IsChoice(zone.Id)).OrderBy(zone => zone.BaseUtcOffset).ThenBy(zone => zone.Id, StringComparer.Ordinal)
                .Select(zone => new Choice(zone.Id, zone.DisplayName)).DistinctBy(choice => choice.Text)];
        }
    });

    // Continents and oceans; the rest are names for machines and from former times.
    private static bool IsChoice(string id) => id.Split('/')[0]
        is "Africa" or "America" or "Antarctica" or "Arctic" or "Asia" or "Atlantic" or "Australia" or "Europe" or "Indian" or "Pacific";
}
