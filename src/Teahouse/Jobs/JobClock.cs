using Quartz;
using Teahouse.Web;

namespace Teahouse.Jobs;

/// <summary>Runs scheduled work by Quartz: in memory where one process owns the database, by a schedule in the database where several share one, so that each time is kept by one of them. The
/// scheduler is built some time after the start: it costs as much processor time as everything else of it, and nothing of its work is urgent.</summary>
internal sealed partial class JobClock(IEnumerable<IScheduledWork> works, Settings settings, JobStore store, ILoggerFactory loggers, TimeProvider clock) : BackgroundService
{
    private const string Scheduler = "teahouse";

    /// <summary>When the database was away as the scheduler began.</summary>
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(30);

    private readonly IScheduledWork[] _works = [.. works];
    private readonly ILogger _log = loggers.CreateLogger<JobClock>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(settings.JobsAfter, clock, stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await RunAsync(stoppingToken);
                await Task.Delay(BetweenTries, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    /// <summary>Returns when the scheduler could not be started.</summary>
    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await using var factory = QuartzSchedulerBuilder.Create(Configure).Build();
            var scheduler = await factory.GetScheduler(ct);
            foreach (var work in _works)
            {
                await ScheduleAsync(scheduler, work, ct);
                await store.NotePlanAsync(work.Name, work.Cron);
            }
            await scheduler.Start(ct);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            }
            finally
            {
                await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Without a schedule the site lives on; it is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotStarted(_log, e);
        }
    }

    /// <summary>Leaves a time alone that is stored already: put in anew, by a node that starts, it would be kept once more for the second that has just been kept. What another version had for the
    /// same work ends.</summary>
    private async Task ScheduleAsync(IScheduler scheduler, IScheduledWork work, CancellationToken ct)
    {
        var (job, time) = (new JobKey(work.Name), new TriggerKey($"{work.Name} {work.Cron}"));
        if (!await scheduler.Exists(time, ct))
        {
            try
            {
                var trigger = TriggerBuilder.Create().WithIdentity(time).ForJob(job).WithCronSchedule(work.Cron, cron => cron.InTimeZone(settings.TimeZone)).Build();
                await (await scheduler.Exists(job, ct)
                    ? scheduler.ScheduleJob(trigger, cancellationToken: ct)
                    : scheduler.ScheduleJob(JobBuilder.Create<RunWork>().WithIdentity(job).Build(), trigger, cancellationToken: ct));
            }
            catch (ObjectAlreadyExistsException)
            {
                // Another node's, in this moment.
            }
        }
        foreach (var other in await scheduler.GetTriggersOfJob(job, ct))
        {
            if (!other.Key.Equals(time))
            {
                await scheduler.UnscheduleJob(other.Key, ct);
            }
        }
    }

    private void Configure(IQuartzBuilder quartz)
    {
        quartz.Services.AddSingleton(loggers);
        quartz.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        quartz.Services.AddSingleton(store);
        foreach (var work in _works)
        {
            quartz.Services.AddSingleton(work);
        }
        quartz.ConfigureScheduler(options =>
        {
            options.InstanceName = Scheduler;
            options.InstanceId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.CreateVersion7():N}");
            options.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        quartz.UseDefaultThreadPool(maxConcurrency: 2);
        if (settings.PostgresConnection is { } connection)
        {
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(connection);
                store.UseSystemTextJsonSerializer();
                store.ConfigureStore(options =>
                {
                    options.StoreJobDataAsStrings = true;
                    options.SchemaProvisioning = SchemaProvisioning.CreateIfMissing;
                });
                store.UseClustering();
            });
        }
        else
        {
            quartz.UseInMemoryStore();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "jobs_not_started", Message = "Scheduled work could not begin; it is tried again")]
    private static partial void LogNotStarted(ILogger logger, Exception e);
}
