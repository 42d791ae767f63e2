using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Teahouse.Jobs;
using Teahouse.Storage;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Jobs;

[Trait("Speed", "Medium")]
public sealed class JobClockTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_is_done_at_its_time_also_after_it_failed_once()
    {
        var work = new EverySecond { FailsFirst = true };
        using var clock = Create(work, "sqlite:unused.db");

        await clock.StartAsync(Ct);
        await Eventually.TrueAsync(() => work.Done.Count >= 2, patience: Patience);
        await clock.StopAsync(Ct);

        Assert.Equal(1, work.Failed);
        Assert.Equal(0, work.Running);
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task On_a_shared_database_each_time_is_kept_by_one_of_many_and_by_another_when_that_one_has_gone()
    {
        var url = await TestDatabase.CreateAsync();
        // Which time a run is for is what the schedule says while it lasts, however late it is.
        var due = new ConcurrentQueue<long>();
        async Task NoteAsync()
        {
            await using var connection = new NpgsqlConnection(PostgresUrl.Parse("url", url));
            due.Enqueue(await connection.QuerySingleAsync<long>("SELECT prev_fire_time FROM qrtz_triggers WHERE job_name = 'every-second'"));
        }
        var (one, other) = (new EverySecond { OnRun = NoteAsync }, new EverySecond { OnRun = NoteAsync });
        using var first = Create(one, url);
        using var second = Create(other, url);
        await first.StartAsync(Ct);
        await second.StartAsync(Ct);
        await Eventually.TrueAsync(() => one.Done.Count + other.Done.Count >= 4, patience: Patience);

        await first.StopAsync(Ct);
        var before = other.Done.Count;
        await Eventually.TrueAsync(() => other.Done.Count > before, patience: Patience);
        await second.StopAsync(Ct);

        Assert.True(due.Count >= 5);
        Assert.Equal(due.Distinct(), due);
        await TestDatabase.RemoveAsync(url);
    }

    [Fact, Trait("Database", "Both")]
    public async Task Every_work_has_a_name_of_its_own_and_does_what_it_says()
    {
        await using var server = await TestServer.StartAsync();
        var db = server.Get<Db>();
        var works = server.App.Services.GetServices<IScheduledWork>().ToDictionary(work => work.Name);
        await db.WriteAsync(session => session.ExecuteAsync("INSERT INTO notices (body, created_at) VALUES ('{}', @old), ('{}', @now)",
            new { old = DateTimeOffset.UtcNow.AddHours(-2), now = DateTimeOffset.UtcNow }), Ct);
        for (var i = 0; i < 50; i++)
        {
            await server.AddUserAsync($"user{i}");
        }
        var log = new FileInfo(Path.Combine(server.DataDirectory, "teahouse.db-wal"));
        Assert.True(TestDatabase.IsPostgres || log.Length > 0);

        foreach (var work in works.Values)
        {
            await work.RunAsync(Ct);
        }

        log.Refresh();
        Assert.True(TestDatabase.IsPostgres || log.Length < 50_000, $"{(TestDatabase.IsPostgres ? 0 : log.Length)} bytes");
        Assert.Equal(1, await db.ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM notices WHERE body = '{}'"), Ct));
        // The writer goes on.
        await server.AddUserAsync("later");
        Assert.Superset(new HashSet<string>(["expired-sessions", "old-notices", "tidy-database"]), works.Keys.ToHashSet());
    }

    private static JobClock Create(IScheduledWork work, string database) => new([work],
        Settings.Read(new ConfigurationManager { ["JOBS_AFTER_SECONDS"] = "0.01", ["DATABASE_URL"] = database }),
        // Nobody takes notes, and the work is done all the same.
        new JobStore(new SqliteDb("unused.db", NullLoggerFactory.Instance), TimeProvider.System, NullLogger<JobStore>.Instance), NullLoggerFactory.Instance, TimeProvider.System);

    private sealed class EverySecond : IScheduledWork
    {
        private int _failed;
        private int _running;

        public string Name => "every-second";

        public string Cron => "* * * * * ?";

        public bool FailsFirst { get; init; }

        public Func<Task>? OnRun { get; init; }

        public ConcurrentQueue<DateTimeOffset> Done { get; } = new();

        public int Failed => _failed;

        public int Running => _running;

        public async Task RunAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _running);
            try
            {
                if (FailsFirst && Interlocked.CompareExchange(ref _failed, 1, 0) == 0)
                {
                    throw new InvalidOperationException("Once.");
                }
                await (OnRun?.Invoke() ?? Task.CompletedTask);
                Done.Enqueue(DateTimeOffset.UtcNow);
                await Task.Delay(10, ct);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }
    }
}
