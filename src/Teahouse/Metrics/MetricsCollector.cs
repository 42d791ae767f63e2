using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Teahouse.Metrics;

/// <summary>Adds up what instruments of this host measure, until somebody asks: the program's own meter, requests by route, and the runtime. Thread-safe.</summary>
internal sealed class MetricsCollector : IDisposable
{
    public const string Own = "Teahouse";
    private const string Requests = "http.server.request.duration";

    // Between asking the instruments and writing what they said: two at once would each take a part of it from the other.
    private readonly Lock _writing = new();

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, Family> _families = new();

    /// <param name="meters">Whose instruments count: those of other hosts in this process do not.</param>
    public MetricsCollector(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "System.Runtime" || (instrument.Meter.Scope == meters && (instrument.Meter.Name == Own || instrument.Name == Requests)))
            {
                var family = new Family(instrument);
                _families[instrument] = family;
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Family?)state)?.Take(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Family?)state)?.Take(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Family?)state)?.Take(value, tags));
        _listener.Start();
    }

    /// <summary>Asks what can only be asked for, then writes everything in Prometheus' text format.</summary>
    public void Write(TextWriter to)
    {
        lock (_writing)
        {
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                family.Write(to);
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
