using Npgsql;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>The large room on one node and on two, both on PostgreSQL with Redis: what each message costs everywhere.</summary>
internal static class Nodes
{
    public static async Task RunAsync(ScenarioContext context)
    {
        foreach (var nodes in (int[])[1, 2])
        {
            await using var postgres = await PostgresInstance.StartAsync(context.Setup);
            await using var redis = await RedisInstance.StartAsync(context.Setup);
            var both = context with
            {
                Server = context.Server with { Nodes = nodes, Name = nodes == 1 ? $"{context.Server.Name}, 1 node" : $"{context.Server.Name}, {nodes} nodes" },
                Setup = context.Setup with { DatabaseUrl = postgres.Url, RedisUrl = redis.Url },
            };
            await using var server = await both.StartAsync();
            using var traffic = new Traffic(server, both.Server.Wire, rooms: 1, both.Options.Members, senders: Math.Min(10, both.Options.Members));
            traffic.Connect(Traffic.ConnectionsPerSecond);
            var slowest = both.Server.FanoutRates[0];
            traffic.WarmUp(Pace.Closed(8), both.Options.WarmUp / 2);
            traffic.WarmUp(Pace.Rate(slowest), both.Options.WarmUp / 2);
            await using var statistics = new NpgsqlConnection(PostgresInstance.ConnectionOf(postgres.Url));
            await statistics.OpenAsync();
            foreach (var (name, pace) in both.Server.FanoutRates.Select(rate => ($"{rate}/s", Pace.Rate(rate))).Append(("most", Pace.Closed(8))))
            {
                var (messages, written) = await ReadAsync(statistics);
                var (cpu, (taken, given)) = (redis.CpuMicroseconds, await redis.ReadTrafficAsync());
                var figures = traffic.Measure(pace, both.Options.Seconds, lead: 2, out var note);
                var (messagesAfter, writtenAfter) = await ReadAsync(statistics);
                var (takenAfter, givenAfter) = await redis.ReadTrafficAsync();
                var stored = messagesAfter - messages;
                both.Report(name, [.. figures, new("WAL B/message", (writtenAfter - written) / stored), new("Redis B/message in", (takenAfter - taken) / stored),
                    new("Redis B/message out", (givenAfter - given) / stored), new("Redis CPU µs/message", (redis.CpuMicroseconds - cpu) / stored, 1)], note);
            }
        }
    }

    /// <summary>Messages stored and bytes written to the log so far.</summary>
    private static async Task<(double Messages, double Written)> ReadAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT (SELECT count(*) FROM messages)::float8, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetDouble(0), reader.GetDouble(1));
    }
}
