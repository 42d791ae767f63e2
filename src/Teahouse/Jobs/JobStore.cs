using Teahouse.Storage;

namespace Teahouse.Jobs;

/// <summary>How scheduled work ended, as the database has it.</summary>
internal static class JobOutcome
{
    public const string Done = "done";

    /// <summary>The database was too busy, or away; the next time comes.</summary>
    public const string PutOff = "put_off";

    public const string Failed = "failed";
}

/// <summary>All SQL that writes <c>job_runs</c>: when each scheduled work is due, and how it went last, whichever process did it. Thread-safe.</summary>
internal sealed partial class JobStore(Db db, TimeProvider time, ILogger<JobStore> log)
{
    private const string Plan = """
        INSERT INTO job_runs (name, cron)
        VALUES (@name, @cron)
        ON CONFLICT (name) DO UPDATE SET cron = excluded.cron
        """;

    private const string Begin = "UPDATE job_runs SET started_at = @at, ended_at = NULL, outcome = NULL, error = NULL, node = @node WHERE name = @name";

    private const string End = "UPDATE job_runs SET ended_at = @at, outcome = @outcome, error = @error WHERE name = @name";

    /// <summary>This process, as people know it.</summary>
    private static readonly string Node = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>The work is done by this schedule from now on.</summary>
    public Task NotePlanAsync(string name, string cron) => NoteAsync(Plan, new { name, cron });

    public Task NoteBeginAsync(string name) => NoteAsync(Begin, new { name, at = time.GetUtcNow(), node = Node });

    /// <param name="name">Which.</param>
    /// <param name="outcome">One of <see cref="JobOutcome"/>.</param>
    /// <param name="error">What kind of error; null for none.</param>
    public Task NoteEndAsync(string name, string outcome, string? error = null) => NoteAsync(End, new { name, at = time.GetUtcNow(), outcome, error });

    // The work itself must not fail because nobody could take notes.
    private async Task NoteAsync(string statement, object arguments)
    {
        try
        {
            await db.WriteAsync(session => session.ExecuteAsync(statement, arguments), CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever it is, the work goes on.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotNoted(log, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "job_not_noted", Message = "How scheduled work goes could not be noted: {Reason}")]
    private static partial void LogNotNoted(ILogger logger, string reason);
}
