using Microsoft.AspNetCore.Connections;
using Teahouse.Realtime.Epoll;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>Sockets, feeds, presence: live delivery, which knows nothing of what it carries.</summary>
internal static class RealtimeFeature
{
    public static IServiceCollection AddRealtime(this IServiceCollection services, Settings settings)
    {
        if (settings.FastTransport && OperatingSystem.IsLinux())
        {
            // Last, so before the web server's own, which still serves what this one cannot bind.
            services.AddSingleton<EventLoop>();
            services.AddSingleton<IConnectionListenerFactory, EpollTransport>();
        }
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<Presence>();
        services.AddHostedService(provider => provider.GetRequiredService<Presence>());
        services.AddHostedService<ConnectionCare>();
        services.AddHealthChecks().AddCheck<DrainCheck>("draining");
        return services;
    }
}
