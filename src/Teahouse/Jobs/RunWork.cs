using Quartz;

namespace Teahouse.Jobs;

/// <summary>The only kind of job the scheduler knows: does the <see cref="IScheduledWork"/> that its key names.</summary>
[DisallowConcurrentExecution]
internal sealed partial class RunWork(IEnumerable<IScheduledWork> works, JobStore store, ILogger<RunWork> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = context.JobDetail.Key.Name;
        if (works.FirstOrDefault(work => work.Name == name) is not { } work)
        {
            // Another version's, on the same database.
            return;
        }
        await store.NoteBeginAsync(name);
        try
        {
            await work.RunAsync(cancellationToken);
            LogDone(log, name);
            await store.NoteEndAsync(name, JobOutcome.Done);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The program stops; next time it is done in full.
        }
        catch (RefusedException e)
        {
            LogPutOff(log, name, e.Refusal.Code);
            await store.NoteEndAsync(name, JobOutcome.PutOff, e.Refusal.Code);
        }
#pragma warning disable CA1031 // Whatever it is, the next time comes.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, name, e);
            // Its kind only: a message may hold anything.
            await store.NoteEndAsync(name, JobOutcome.Failed, e.GetType().Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "work_done", Message = "Scheduled work {Name} is done")]
    private static partial void LogDone(ILogger logger, string name);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "work_put_off", Message = "Scheduled work {Name} is put off until its next time: {Code}")]
    private static partial void LogPutOff(ILogger logger, string name, string code);

    [LoggerMessage(Level = LogLevel.Error, EventName = "work_failed", Message = "Scheduled work {Name} failed")]
    private static partial void LogFailed(ILogger logger, string name, Exception e);
}
