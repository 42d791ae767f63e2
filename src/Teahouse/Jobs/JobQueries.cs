using Quartz;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Jobs;

/// <summary>What scheduled work there is, and how it goes, on whichever process. Thread-safe.</summary>
internal sealed class JobQueries(Db db, Settings settings, TimeProvider time)
{
    private const string All = """
        SELECT name, cron, started_at, ended_at, outcome, error, node
        FROM job_runs
        ORDER BY name
        LIMIT 200
        """;

    public async Task<IReadOnlyList<JobView>> ListAsync(CancellationToken ct) =>
        [.. (await db.QueryAsync<JobRow>(All, null, ct)).Select(row => new JobView(row, NextOf(row.Cron)))];

    private DateTimeOffset? NextOf(string cron) => new CronExpression(cron, settings.TimeZone).GetNextValidTimeAfter(time.GetUtcNow());
}

/// <summary>One scheduled work.</summary>
/// <param name="Row">How it went last.</param>
/// <param name="Next">When it is due; null for never again.</param>
public sealed record JobView(JobRow Row, DateTimeOffset? Next);

/// <summary>A row of <c>job_runs</c>.</summary>
public sealed record JobRow
{
    public required string Name { get; init; }

    /// <summary>In Quartz' form, by the zone of <c>TIME_ZONE</c>.</summary>
    public required string Cron { get; init; }

    /// <summary>Null before the first time.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Null while it runs, or when the process ended with it.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary><c>done</c>, <c>put_off</c> or <c>failed</c>; null while it runs.</summary>
    public string? Outcome { get; init; }

    public string? Error { get; init; }

    /// <summary>The process that did it: machine and process id.</summary>
    public string? Node { get; init; }
}
