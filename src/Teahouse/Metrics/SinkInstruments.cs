using System.Diagnostics.Metrics;
using Teahouse.Sinks;

namespace Teahouse.Metrics;

/// <summary>The sinks of the whole site, as every process tells of them: they are read from the database when somebody asks. Thread-safe.</summary>
internal sealed partial class SinkInstruments(SinkGauges gauges, SinkQueries queries, TimeProvider clock, ILogger<SinkInstruments> log)
{
    /// <summary>A collector waits ten seconds, and wants the rest whatever becomes of this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Sinks with lines of their own: every sheet, and of webhooks the first.</summary>
    private const int MaxSeries = 200;

    private volatile Sample? _sample;

    public void Begin(Meter meter)
    {
        meter.CreateObservableGauge("teahouse.sinks", Tallies, unit: null, "Sinks of the site, by kind and state.");
        meter.CreateObservableCounter("teahouse.sink.delivered", () => PerKind(static tallies => tallies.Sum(tally => tally.Delivered)), unit: null, "Messages delivered by the sinks there are.");
        meter.CreateObservableGauge("teahouse.sink.failing", () => PerKind(tallies => Age(tallies.Min(tally => tally.FailingSince))), "s", "For how long the one has failed that has failed longest.");
        meter.CreateObservableGauge("teahouse.sink.lag.messages", () => Behind(static sink => sink.LagMessages), unit: null, "Messages a sink has not delivered yet; not counted beyond 20,000.");
        meter.CreateObservableGauge("teahouse.sink.lag", () => Behind(sink => Age(sink.LagSince)), "s", "How long ago the oldest of those was said.");
        meter.CreateObservableGauge("teahouse.sink.state", States, unit: null, "1 for each sink, with its state and, unless it runs, why.");
        meter.CreateObservableGauge("teahouse.sink.last_error_timestamp", LastErrors, "s", "When something went wrong with a sink last; nothing for one with which nothing ever did.");
    }

    /// <summary>To be called before the instruments are read.</summary>
    public async Task SampleAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        // Kept until the new one is there: another collector may be reading it.
        Sample? sample = null;
        try
        {
            sample = new Sample(await gauges.ReadAsync(patience.Token), await queries.ListAsync(patience.Token, MaxSeries));
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is RefusedException or OperationCanceledException)
        {
            // The database is away: what only it knows is left out.
            LogLeftOut(log, e);
        }
        _sample = sample;
    }

    private double Age(DateTimeOffset? since) => since is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0;

    private IEnumerable<Measurement<long>> Tallies() => (_sample?.Tallies ?? [])
        .Select(tally => new Measurement<long>(tally.Count, new KeyValuePair<string, object?>("kind", tally.Kind), new KeyValuePair<string, object?>("state", tally.State)));

    private IEnumerable<Measurement<double>> PerKind(Func<IEnumerable<SinkTally>, double> value) => (_sample?.Tallies ?? []).GroupBy(tally => tally.Kind)
        .Select(kind => new Measurement<double>(value(kind), new KeyValuePair<string, object?>("kind", kind.Key)));

    private IEnumerable<Measurement<double>> Behind(Func<SinkView, double> value) => (_sample?.Behind ?? [])
        .Select(sink => new Measurement<double>(value(sink), Of(sink.Sink)));

    private IEnumerable<Measurement<long>> States() => (_sample?.Behind ?? []).Select(view => new Measurement<long>(1,
    [
        .. Of(view.Sink), new("state", view.Sink.State), new("reason", view.Sink.Reason is { } reason && view.Sink.State != SinkRow.Running ? SinkReason.Parse(reason).Code : ""),
    ]));

    private IEnumerable<Measurement<double>> LastErrors() => (_sample?.Behind ?? []).Where(view => view.Sink.LastErrorAt is not null)
        .Select(view => new Measurement<double>((view.Sink.LastErrorAt ?? default).ToUnixTimeMilliseconds() / 1000.0, Of(view.Sink)));

    private static KeyValuePair<string, object?>[] Of(SinkRow sink) => [new("kind", sink.Kind), new("sink", sink.Id), new("name", sink.Name)];

    private sealed record Sample(IReadOnlyList<SinkTally> Tallies, IReadOnlyList<SinkView> Behind);

    [LoggerMessage(Level = LogLevel.Debug, EventName = "sinks_not_counted", Message = "Metrics were told without sinks")]
    private static partial void LogLeftOut(ILogger logger, Exception e);
}
