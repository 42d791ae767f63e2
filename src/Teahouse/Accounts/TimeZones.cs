using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>The zones one can choose, worded in the reader's language. Thread-safe.</summary>
internal static class TimeZones
{
    // The system words them in the language it was first asked in, for the process's whole life: the program brings its own names.
    private static readonly Lazy<FrozenDictionary<string, string[]>> Names = new(() =>
        EmbeddedData.Lines("time-zones.txt").Select(line => line.Split('\t')).ToFrozenDictionary(columns => columns[0], columns => columns[1..]));

    private static readonly ConcurrentDictionary<string, IReadOnlyList<Choice>> ByLanguage = new();

    /// <summary>A zone's IANA name and what readers call it.</summary>
    public sealed record Choice(string Id, string Text);

    public static bool IsKnown(string id) => IsChoice(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out _);

    /// <summary>The zone of that name; null for none, also for one that this machine does not know any more, which is no reason to fail.</summary>
    public static TimeZoneInfo? Find(string? id) => id is not null && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;

    /// <summary>All of them in the present language, from west to east.</summary>
    public static IReadOnlyList<Choice> List() => ByLanguage.GetOrAdd(Languages.Match(CultureInfo.CurrentUICulture.Name) ?? Languages.English, language =>
    {
        var column = language switch
        {
            Languages.TraditionalChinese => 0,
            Languages.SimplifiedChinese => 1,
            _ => 2,
        };
        return [.. TimeZoneInfo.GetSystemTimeZones().Where(zone => IsChoice(zone.Id)).OrderBy(zone => zone.BaseUtcOffset).ThenBy(zone => zone.Id, StringComparer.Ordinal)
            .Select(zone => new Choice(zone.Id, $"({Offset(zone.BaseUtcOffset)}) {(Names.Value.TryGetValue(zone.Id, out var names) ? names[column] : zone.Id)}")).DistinctBy(choice => choice.Text)];
    });

    private static string Offset(TimeSpan offset) => string.Create(CultureInfo.InvariantCulture, $"UTC{(offset < TimeSpan.Zero ? '-' : '+')}{offset:hh\\:mm}");

    // Continents and oceans; the rest are names for machines and from former times.
    private static bool IsChoice(string id) => id.Split('/')[0]
        is "Africa" or "America" or "Antarctica" or "Arctic" or "Asia" or "Atlantic" or "Australia" or "Europe" or "Indian" or "Pacific";
}
