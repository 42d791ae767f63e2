using System.Globalization;

namespace Teahouse.Metrics;

/// <summary>What tells a series from the others of its instrument: up to five labels, compared without building a text.</summary>
internal readonly record struct Labels(string? Name1, object? Value1, string? Name2, object? Value2, string? Name3, object? Value3, string? Name4, object? Value4, string? Name5, object? Value5)
{
    /// <summary>How often something happens under which scheme, version or error is too much to tell apart.</summary>
    public static Labels Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = default(Labels);
        foreach (var (name, value) in tags)
        {
            labels = name is "url.scheme" or "network.protocol.name" or "network.protocol.version" or "error.type" || value is null ? labels
                : labels.Name1 is null ? labels with { Name1 = name, Value1 = value }
                : labels.Name2 is null ? labels with { Name2 = name, Value2 = value }
                : labels.Name3 is null ? labels with { Name3 = name, Value3 = value }
                : labels.Name4 is null ? labels with { Name4 = name, Value4 = value }
                : labels with { Name5 = name, Value5 = value };
        }
        return labels;
    }

    /// <summary>As Prometheus writes them; with <paramref name="bound"/> as those of a bucket.</summary>
    public string Text(string? bound = null)
    {
        string[] labels = [.. Each(), .. bound is null ? Array.Empty<string>() : [$"le=\"{bound}\""]];
        return labels.Length == 0 ? "" : "{" + string.Join(',', labels) + "}";
    }

    private IEnumerable<string> Each()
    {
        foreach (var (name, value) in ((string?, object?)[])[(Name1, Value1), (Name2, Value2), (Name3, Value3), (Name4, Value4), (Name5, Value5)])
        {
            if (name is not null)
            {
                yield return $"{name.Replace('.', '_')}=\"{Family.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quoted: true)}\"";
            }
        }
    }
}
