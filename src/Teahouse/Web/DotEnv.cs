namespace Teahouse.Web;

/// <summary>Reads <c>NAME=value</c> lines of a <c>.env</c> file: blank lines and <c>#</c> comments are skipped, <c>export</c> and a pair of quotes around the value are
/// taken off, nothing is expanded.</summary>
internal static class DotEnv
{
    public static IReadOnlyDictionary<string, string?> Read(string path)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(path))
        {
            return values;
        }
        foreach (var raw in File.ReadLines(path))
        {
            var line = raw.Trim();
            line = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..] : line;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line[0] == '#')
            {
                continue;
            }
            var value = line[(equals + 1)..].Trim();
            if (value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0])
            {
                value = value[1..^1];
            }
            values[line[..equals].TrimEnd()] = value;
        }
        return values;
    }
}
