using Teahouse.Jobs;
using Teahouse.Messages;

namespace Teahouse.Retention;

/// <summary>For how long messages are kept, and what becomes of those of deleted rooms.</summary>
internal static class RetentionFeature
{
    /// <summary>Also where there is no site.</summary>
    public static IServiceCollection AddRetentionWork(this IServiceCollection services)
    {
        services.AddMessageWork();
        services.AddSingleton<EmptyGoneRooms>();
        services.AddHostedService(provider => provider.GetRequiredService<EmptyGoneRooms>());
        return services.AddScheduledWork<RemoveOldMessages>();
    }
}
