using Npgsql;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>The large room on one node and on two, which take turns, each on a PostgreSQL and a Redis of its own: what each message costs everywhere.</summary>
internal static class Nodes
{
    public static async Task RunAsync(ScenarioContext context)
    {
        await using var one = await SiteServices.StartAsync(context.Setup);
        await using var two = await SiteServices.StartAsync(context.Setup);
        await TrafficScenarios.FanoutAsync([Of(1, one), Of(2, two)], ofOne => (ofOne.Server.Nodes == 1 ? one : two).WatchAsync());

        ScenarioContext Of(int nodes, SiteServices services) => context with
        {
            Server = context.Server with { Nodes = nodes, Name = nodes == 1 ? $"{context.Server.Name}, 1 node" : $"{context.Server.Name}, {nodes} nodes" },
            Setup = context.Setup with { DatabaseUrl = services.Postgres.Url, RedisUrl = services.Redis.Url },
        };
    }

    /// <summary>What the nodes of one site share.</summary>
    private sealed class SiteServices(PostgresInstance postgres, RedisInstance redis) : IAsyncDisposable
    {
        public PostgresInstance Postgres => postgres;

        public RedisInstance Redis => redis;

        public static async Task<SiteServices> StartAsync(Setup setup)
        {
            var postgres = await PostgresInstance.StartAsync(setup);
            try
            {
                return new SiteServices(postgres, await RedisInstance.StartAsync(setup));
            }
            catch
            {
                await postgres.DisposeAsync();
                throw;
            }
        }

        /// <summary>What is asked afterwards is told for each message since.</summary>
        public async Task<Func<Task<IReadOnlyList<Figure>>>> WatchAsync()
        {
            var before = await ReadAsync();
            return async () =>
            {
                var after = await ReadAsync();
                var stored = after.Messages - before.Messages;
                return
                [
                    new("WAL B/message", (after.Written - before.Written) / stored),
                    new("Redis B/message in", (after.In - before.In) / stored),
                    new("Redis B/message out", (after.Out - before.Out) / stored),
                    new("Redis CPU µs/message", (after.RedisCpu - before.RedisCpu) / stored, 1),
                ];
            };
        }

        public async ValueTask DisposeAsync()
        {
            await redis.DisposeAsync();
            await postgres.DisposeAsync();
        }

        private async Task<Work> ReadAsync()
        {
            await using var connection = new NpgsqlConnection(PostgresInstance.ConnectionOf(postgres.Url));
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT (SELECT count(*) FROM messages)::float8, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8", connection);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var (taken, given) = await redis.ReadTrafficAsync();
            return new Work(reader.GetDouble(0), reader.GetDouble(1), taken, given, redis.CpuMicroseconds);
        }
    }

    /// <summary>So far: messages stored, bytes of PostgreSQL's log, bytes that Redis has taken in and given out, and its processor time.</summary>
    private readonly record struct Work(double Messages, double Written, double In, double Out, double RedisCpu);
}
