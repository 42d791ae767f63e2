using Microsoft.Extensions.DependencyInjection.Extensions;
using Teahouse.Jobs;
using Teahouse.Messages;
using Teahouse.Rooms;

namespace Teahouse.Retention;

/// <summary>For how long messages are kept.</summary>
internal static class RetentionFeature
{
    /// <summary>The nightly work, also where there is no site.</summary>
    public static IServiceCollection AddRetentionWork(this IServiceCollection services)
    {
        services.TryAddSingleton<GuestBans>();
        services.TryAddSingleton<RoomQueries>();
        services.TryAddSingleton<RoomStore>();
        services.TryAddSingleton<MessageStore>();
        return services.AddScheduledWork<RemoveOldMessages>();
    }
}
