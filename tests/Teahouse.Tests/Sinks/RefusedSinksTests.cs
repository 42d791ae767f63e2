using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Teahouse.Messages;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Sinks;

/// <summary>Sinks whose deliveries cannot be written down.</summary>
public sealed class RefusedSinksTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_refused_sink_is_left_alone_ever_longer_up_to_five_minutes()
    {
        var clock = new ManualClock();
        var refused = new RefusedSinks(clock);
        Assert.True(refused.MayBeServed(1));

        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        {
            refused.Add(1);
            clock.Advance(TimeSpan.FromSeconds(seconds - 0.001));
            Assert.False(refused.MayBeServed(1), $"before {seconds} s");
            clock.Advance(TimeSpan.FromSeconds(0.001));
            Assert.True(refused.MayBeServed(1), $"after {seconds} s");
        }
        Assert.True(refused.MayBeServed(2));
        refused.Remove(1);
        refused.Add(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(refused.MayBeServed(1));
    }

    [Fact]
    public async Task While_nothing_can_be_written_down_nothing_is_delivered_again()
    {
        var directory = await TestDatabase.MakeDirectoryAsync();
        var path = Path.Combine(directory, "teahouse.db");
        await using (var server = await TestServer.StartAsync([("DATABASE_URL", "sqlite:" + path), .. SharedServer.NoLimits], directory))
        {
            var (db, store, clock, log) = (server.Get<Db>(), server.Get<SinkStore>(), new ManualClock(), new CountingLog());
            using var alice = await server.CreateBotAsync("alice");
            (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den" }, Ct)).EnsureSuccessStatusCode();
            (await alice.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "x" }, Ct)).EnsureSuccessStatusCode();
            await db.WriteAsync(session => store.CreateAsync(session, new NewSink { Kind = "test", Name = "t", Config = "{}", CursorId = 0 }), Ct);
            // Nobody waits for the file below.
            await db.WriteAsync(session => session.GetAsync<long>("PRAGMA busy_timeout = 0"), Ct);
            await using var target = new FillsTheDisk(path);
            using var runner = new SinkRunner(new SinkServices(db, store, server.Get<SinkLog>(), server.Get<SinkSignal>(), server.Get<Settings>(), clock, NullLogger<SinkServices>.Instance),
                [target], server.Get<MessageSignal>(), log);

            await runner.StartAsync(Ct);
            foreach (var (refusals, wait) in ((int, int)[])[(1, 1), (2, 2), (3, 4)])
            {
                await Eventually.TrueAsync(() => log.NotServed >= refusals, () => $"{log.NotServed} refusals instead of {refusals}");
                Assert.Equal(1, target.Turns);
                clock.Advance(TimeSpan.FromSeconds(wait));
            }
            await target.EmptyAsync();
            await Eventually.TrueAsync(async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return await db.ReadAsync(session => session.GetAsync<long>("SELECT delivered FROM sinks"), Ct) > 0;
            });
            await runner.StopAsync(Ct);

            Assert.Equal(2, target.Turns);
        }
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Delivers, but the first time so that nothing can be written from then on: somebody else holds the file.</summary>
    private sealed class FillsTheDisk(string path) : ISinkTarget, IAsyncDisposable
    {
        private readonly SqliteConnection _other = new($"Data Source={path};Pooling=False");

        public string Kind => "test";

        public int MaxBatch => 100;

        public TimeSpan Gather => TimeSpan.Zero;

        public int Turns { get; private set; }

        public ValueTask<SinkScope> FindScopeAsync(SinkRow sink, CancellationToken ct) => ValueTask.FromResult(SinkScope.All);

        public async Task<SinkResult> DeliverAsync(SinkTurn turn, CancellationToken ct)
        {
            if (++Turns == 1)
            {
                await _other.OpenAsync(ct);
                await ExecuteAsync("BEGIN IMMEDIATE");
            }
            return SinkResult.Delivered(turn.Through, turn.Messages.Count);
        }

        public Task EmptyAsync() => ExecuteAsync("ROLLBACK");

        public ValueTask DisposeAsync() => _other.DisposeAsync();

        private async Task ExecuteAsync(string sql)
        {
            await using var command = _other.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Counts how often a sink could not be served.</summary>
    private sealed class CountingLog : ILogger<SinkRunner>
    {
        private int _notServed;

        public int NotServed => Volatile.Read(ref _notServed);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "sink_not_served")
            {
                Interlocked.Increment(ref _notServed);
            }
        }
    }
}
