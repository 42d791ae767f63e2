using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Teahouse.Metrics;

/// <summary>All series of one instrument, by their labels, as Prometheus names them. Thread-safe.</summary>
internal sealed class Family
{
    /// <summary>More series than this are somebody's attempt to fill the memory with made-up methods and routes.</summary>
    private const int MaxSeries = 2000;

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] Counts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

    private readonly Kind _kind;
    private readonly double[] _bounds;
    private readonly string _help;
    private readonly ConcurrentDictionary<Labels, Series> _series = new();

    public Family(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        _kind = type.StartsWith("Histogram", StringComparison.Ordinal) ? Kind.Histogram
            : type.StartsWith("ObservableCounter", StringComparison.Ordinal) ? Kind.ObservedCounter
            : type.StartsWith("Counter", StringComparison.Ordinal) ? Kind.Counter
            : type.Contains("UpDownCounter", StringComparison.Ordinal) && !type.StartsWith("Observable", StringComparison.Ordinal) ? Kind.UpDown
            : Kind.Gauge;
        _bounds = instrument.Unit == "s" ? Seconds : Counts;
        _help = instrument.Description ?? "";
        Name = NameOf(instrument, _kind is Kind.Counter or Kind.ObservedCounter);
    }

    private enum Kind
    {
        Counter,
        ObservedCounter,
        UpDown,
        Gauge,
        Histogram,
    }

    public string Name { get; }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels.Of(tags);
        if (!_series.TryGetValue(labels, out var series))
        {
            if (_series.Count >= MaxSeries)
            {
                return;
            }
            series = _series.GetOrAdd(labels, _ => new Series(_kind == Kind.Histogram ? new long[_bounds.Length + 1] : []));
        }
        lock (series)
        {
            switch (_kind)
            {
                case Kind.Histogram:
                    series.Buckets[Array.FindIndex(_bounds, bound => value <= bound) is >= 0 and var index ? index : _bounds.Length]++;
                    series.Count++;
                    series.Value += value;
                    break;
                case Kind.Counter or Kind.UpDown:
                    series.Value += value;
                    break;
                default:
                    series.Value = value;
                    series.IsFresh = true;
                    break;
            }
        }
    }

    public void Write(TextWriter to)
    {
        if (_series.IsEmpty)
        {
            return;
        }
        to.Write($"# HELP {Name} {Escape(_help, quoted: false)}\n");
        to.Write($"# TYPE {Name} {_kind switch { Kind.Histogram => "histogram", Kind.Counter or Kind.ObservedCounter => "counter", _ => "gauge" }}\n");
        foreach (var (labels, series) in _series)
        {
            lock (series)
            {
                WriteSeries(to, labels, series, out var isOver);
                if (isOver)
                {
                    _series.TryRemove(labels, out _);
                }
            }
        }
    }

    private void WriteSeries(TextWriter to, Labels labels, Series series, out bool isOver)
    {
        isOver = _kind is Kind.ObservedCounter or Kind.Gauge && !series.IsFresh;
        if (_kind != Kind.Histogram)
        {
            // What was not told this time is not so any more.
            if (_kind is Kind.Counter or Kind.UpDown || series.IsFresh)
            {
                to.Write($"{Name}{labels.Text()} {Number(series.Value)}\n");
            }
            series.IsFresh = false;
            return;
        }
        var below = 0L;
        for (var i = 0; i < series.Buckets.Length; i++)
        {
            below += series.Buckets[i];
            to.Write($"{Name}_bucket{labels.Text(i < _bounds.Length ? Number(_bounds[i]) : "+Inf")} {Number(below)}\n");
        }
        to.Write($"{Name}_sum{labels.Text()} {Number(series.Value)}\n");
        to.Write($"{Name}_count{labels.Text()} {Number(series.Count)}\n");
    }

    private static string NameOf(Instrument instrument, bool isCounter)
    {
        var name = new StringBuilder();
        foreach (var letter in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        }
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        name.Append(name.ToString().EndsWith(unit, StringComparison.Ordinal) ? "" : unit);
        return name.Append(isCounter ? "_total" : "").ToString();
    }

    internal static string Escape(string text, bool quoted)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quoted ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Series(long[] buckets)
    {
        public long[] Buckets { get; } = buckets;
        public double Value { get; set; }
        public long Count { get; set; }
        public bool IsFresh { get; set; }
    }
}
