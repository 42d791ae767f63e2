using Teahouse.Jobs;
using Teahouse.Messages;

namespace Teahouse.Retention;

/// <summary>For how long messages are kept.</summary>
internal static class RetentionFeature
{
    /// <summary>The nightly work, also where there is no site.</summary>
    public static IServiceCollection AddRetentionWork(this IServiceCollection services)
    {
        services.AddMessageWork();
        return services.AddScheduledWork<RemoveOldMessages>();
    }
}
