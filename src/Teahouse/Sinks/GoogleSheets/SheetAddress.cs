using System.Text.RegularExpressions;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>The id in a spreadsheet's address.</summary>
internal static partial class SheetAddress
{
    /// <summary>The id, from an address such as <c>https://docs.google.com/spreadsheets/d/…/edit</c> or by itself; null when it is neither.</summary>
    public static string? Find(string? text)
    {
        var match = Address().Match(text?.Trim() ?? "");
        return match.Success ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(@"^(?:https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/)?([A-Za-z0-9_-]{5,200})(?:/.*)?$")]
    private static partial Regex Address();
}
