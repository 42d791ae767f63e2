using System.Diagnostics.Metrics;
using Teahouse.Messages;
using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Metrics;

/// <summary>The program's own instruments. What counts on hot paths is plain numbers there; they are looked at only when somebody asks. A worker has no sockets and no rooms, and says nothing of them.</summary>
internal sealed class Instruments(IServiceProvider services, IMeterFactory meters, MetricsCollector collector, SinkInstruments sinks, Db db)
{
    /// <summary>Makes the instruments; from now on they count.</summary>
    public void Begin()
    {
        // The collector listens before there is anything to hear.
        _ = collector;
        var meter = meters.Create(MetricsCollector.Own);
        var writes = meter.CreateHistogram<int>("teahouse.commit.writes", unit: null, "Writes that one commit, which is one sync of the disk, put there together.");
        var durations = meter.CreateHistogram<double>("teahouse.commit.duration", "s", "From the first write of a commit until all of it is on disk. A message is acknowledged after it.");
        db.Committed = (count, time) =>
        {
            writes.Record(count);
            durations.Record(time.TotalSeconds);
        };
        meter.CreateObservableGauge("teahouse.writer.queue", () => db.Waiting, unit: null, "Writes that wait for their commit.");
        meter.CreateObservableGauge("teahouse.process.resident", () => Environment.WorkingSet, "By", "Memory of the process.");
        sinks.Begin(meter);
        if (services.GetService<ConnectionRegistry>() is { } connections)
        {
            meter.CreateObservableGauge("teahouse.sockets.open", () => Open(connections), unit: null, "Sockets and streams that are open, by protocol.");
            meter.CreateObservableCounter("teahouse.sockets.closed", () => Closed(connections), unit: null, "Sockets that have ended, by the code this server closed them with; 0: by the other side, or lost.");
            meter.CreateObservableCounter("teahouse.frames.delivered", () => connections.Delivered, unit: null, "Events handed to sockets.");
        }
        if (services.GetService<RoomLog>() is { } log)
        {
            meter.CreateObservableCounter("teahouse.messages.stored", () => log.Stored, unit: null, "Messages that this process has put on disk.");
        }
        if (services.GetService<CatchUp>() is { } catchUp)
        {
            meter.CreateObservableCounter("teahouse.catchups", () => catchUp.Count, unit: null, "Times a reader was told what it lacks.");
            meter.CreateObservableCounter("teahouse.catchups.reset", () => catchUp.Resets, unit: null, "Of those, times it lacked so much that it had to begin anew.");
        }
    }

    private static IEnumerable<Measurement<int>> Open(ConnectionRegistry connections) => connections.CountByProtocol()
        .Select(each => new Measurement<int>(each.Count, new KeyValuePair<string, object?>("protocol", each.Protocol)));

    private static IEnumerable<Measurement<long>> Closed(ConnectionRegistry connections) => connections.CountClosed()
        .Select(each => new Measurement<long>(each.Count, new KeyValuePair<string, object?>("code", (int)each.Code)));
}
