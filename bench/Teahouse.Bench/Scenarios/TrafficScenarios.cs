using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>The scenarios made of traffic: a large room, many small ones, and messages for the sake of storing them.</summary>
internal static class TrafficScenarios
{
    /// <summary>One room of 1,000, ten of whom talk.</summary>
    public static Task FanoutAsync(IReadOnlyList<ScenarioContext> servers) => FanoutAsync(servers, watch: null);

    /// <param name="servers">Whom.</param>
    /// <param name="watch">See <see cref="Turns.TakeAsync"/>.</param>
    public static Task FanoutAsync(IReadOnlyList<ScenarioContext> servers, Func<ScenarioContext, Task<Func<Task<IReadOnlyList<Figure>>>>>? watch) => Turns.TakeAsync(
        servers,
        static (context, server) => new Traffic(server, context.Server.Wire, rooms: 1, context.Options.Members, senders: Math.Min(10, context.Options.Members)),
        static (context, traffic) =>
        {
            traffic.WarmUp(Pace.Closed(8), context.Options.WarmUp / 2);
            traffic.WarmUp(Pace.Rate(context.Server.FanoutRates[0]), context.Options.WarmUp / 2);
        },
        static context => [.. context.Server.FanoutRates.Select(static rate => ($"{rate}/s", Pace.Rate(rate))), ("most", Pace.Closed(8))],
        watch);

    /// <summary>200 rooms of five, all of whom talk.</summary>
    public static Task RoomsAsync(IReadOnlyList<ScenarioContext> servers) => Turns.TakeAsync(
        servers,
        static (context, server) => new Traffic(server, context.Server.Wire, rooms: 200, members: 5, senders: 5),
        static (context, traffic) =>
        {
            traffic.WarmUp(Pace.Closed(64), context.Options.WarmUp / 2);
            traffic.WarmUp(Pace.Rate(context.Server.RoomsRate), context.Options.WarmUp / 2);
        },
        static context => [($"{context.Server.RoomsRate}/s", Pace.Rate(context.Server.RoomsRate))]);

    /// <summary>200 rooms with one member each, who hears of a message when it is on disk, and then 8 who say more before they have heard; and what the same disk gives to nothing but the database.</summary>
    public static async Task IngestAsync(ScenarioContext context)
    {
        if (context.Options.Database == ScenarioOptions.Postgres)
        {
            await using var postgres = await PostgresInstance.StartAsync(context.Setup);
            await IngestAsync(context with { Setup = context.Setup with { DatabaseUrl = postgres.Url } }, "PostgreSQL", postgres);
        }
        else
        {
            await IngestAsync(context, "SQLite");
        }
    }

    private static async Task IngestAsync(ScenarioContext context, string database, PostgresInstance? postgres = null)
    {
        var floorBefore = await RawInserts.MeasureAsync(context.Setup, context.Options.Seconds / 2);
        List<IngestLine> lines = [];
        await using (var server = await context.StartAsync())
        {
            foreach (var (authors, load) in (IEnumerable<(int, (string, int)[])>)[(200, [("64 in flight", 64), ("200 in flight", 200)]), (8, [("200 in flight of 8 authors", 200)])])
            {
                using var traffic = new Traffic(server, context.Server.Wire, rooms: authors, members: 1, senders: 1);
                traffic.Connect(Traffic.ConnectionsPerSecond);
                traffic.WarmUp(Pace.Closed(64), context.Options.WarmUp);
                foreach (var (name, inFlight) in load)
                {
                    lines.Add(await MeasureIngestAsync(context, traffic, name, inFlight, postgres));
                }
            }
        }
        var floor = (floorBefore + await RawInserts.MeasureAsync(context.Setup, context.Options.Seconds / 2)) / 2;
        foreach (var (name, rate, figures, note) in lines)
        {
            context.Report(database == "SQLite" ? name : $"{name}, {database}", [new("messages/s", rate), new($"raw {database} rows/s", floor), new("of raw %", 100 * rate / floor), .. figures], note);
        }
    }

    private static async Task<IngestLine> MeasureIngestAsync(ScenarioContext context, Traffic traffic, string name, int inFlight, PostgresInstance? postgres)
    {
        var before = postgres is null ? default : await postgres.ReadWorkAsync();
        var figures = traffic.Measure(Pace.Closed(inFlight), context.Options.Seconds, lead: 1, out var note);
        var work = postgres is null ? default : await postgres.ReadWorkAsync() - before;
        IEnumerable<Figure> ofDatabase = postgres is null ? [] : [new("PostgreSQL CPU µs/message", work.CpuMicroseconds / work.Messages, 1), new("messages/commit", work.Messages / work.Commits, 1)];
        var rate = figures.First(figure => figure.Name == "messages/s").Value;
        return new(name, rate, [.. ofDatabase, .. figures.Where(figure => figure.Name is not ("messages/s" or "frames/s" or "CPU µs/frame"))], note);
    }

    /// <summary>What was measured of one load, before the raw rate behind it is known.</summary>
    private sealed record IngestLine(string Name, double Rate, IReadOnlyList<Figure> Figures, string? Note);
}
