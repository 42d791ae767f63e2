namespace Teahouse.Jobs;

/// <summary>Something to be done by the clock, on one process of the site at a time, whichever that is. Registered as a singleton by its feature.</summary>
internal interface IScheduledWork
{
    /// <summary>Unique, and the same for ever: the schedule of a shared database knows it by this.</summary>
    string Name { get; }

    /// <summary>When, in Quartz' form (seconds first), by the zone of <c>TIME_ZONE</c>.</summary>
    string Cron { get; }

    Task RunAsync(CancellationToken ct);
}
