using Teahouse.Jobs;

namespace Teahouse.Admin;

/// <summary>The administrators' pages over all features.</summary>
internal static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton<AuditQueries>();
        services.AddSingleton<AuditWords>();
        services.AddSingleton<JobQueries>();
        return services;
    }
}
