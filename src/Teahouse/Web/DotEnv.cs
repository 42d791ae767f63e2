using System.Globalization;
using System.Text.RegularExpressions;

namespace Teahouse.Web;

/// <summary>Reads <c>NAME=value</c> lines of a <c>.env</c> file: blank lines and comments (<c>#</c> at the beginning of a line, or behind white space) are skipped, <c>export</c> and a pair of quotes around
/// the value are taken off, nothing is expanded.</summary>
internal static partial class DotEnv
{
    /// <exception cref="SettingException">It can't be read, or a line is none of these. The line is not repeated, for it may hold a password.</exception>
    public static IReadOnlyDictionary<string, string?> Read(string path)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(path))
        {
            return values;
        }
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{path}: can't be read: {e.Message}");
        }
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            var match = Assignment().Match(line);
            if (!match.Success)
            {
                throw new SettingException(string.Create(CultureInfo.InvariantCulture, $"{path}, line {i + 1}: NAME=value, a comment that begins with #, or nothing"));
            }
            values[match.Groups["name"].Value] = match.Groups["value"].Value;
        }
        return values;
    }

    [GeneratedRegex("""^(export\s+)?(?<name>[^\s=#]+)\s*=\s*("(?<value>[^"]*)"|'(?<value>[^']*)'|(?<value>|[^\s#].*?|#.*?(?=\s#|$)))(\s+#.*)?$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();
}
