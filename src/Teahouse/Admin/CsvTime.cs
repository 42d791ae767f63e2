using System.Globalization;

namespace Teahouse.Admin;

/// <summary>Times as the administrators' files have them.</summary>
internal static class CsvTime
{
    /// <summary>ISO 8601 in UTC; empty for never.</summary>
    public static string Of(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";
}
