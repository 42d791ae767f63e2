namespace Teahouse.Jobs;

/// <summary>Scheduled work. A feature adds its own by <see cref="AddScheduledWork{TWork}"/>.</summary>
internal static class JobsFeature
{
    /// <summary>For processes that do the work.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.AddScheduledWork<TidyDatabase>();
        services.AddScheduledWork<DropOldNotices>();
        services.AddSingleton<JobStore>();
        services.AddHostedService<JobClock>();
        return services;
    }

    public static IServiceCollection AddScheduledWork<TWork>(this IServiceCollection services) where TWork : class, IScheduledWork => services.AddSingleton<IScheduledWork, TWork>();
}
