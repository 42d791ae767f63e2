using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Teahouse.Realtime.Epoll;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>Sockets, feeds, presence: live delivery, which knows nothing of what it carries.</summary>
internal static class RealtimeFeature
{
    /// <param name="services">The host's services.</param>
    /// <param name="settings">Where Redis is, if there is one.</param>
    /// <param name="site">The name of this site's history, by which sites that share a Redis are kept apart.</param>
    public static IServiceCollection AddRealtime(this IServiceCollection services, Settings settings, Func<IServiceProvider, string> site)
    {
        services.AddSingleton<ConnectionLimit>();
        var connections = new HttpConnections(settings);
        if (settings.FastTransport && OperatingSystem.IsLinux())
        {
            // Last, so before the web server's own, which still serves what this one cannot bind.
            services.AddSingleton<EventLoop>();
            services.AddSingleton<IConnectionListenerFactory, EpollTransport>();
            services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(connections.Before)));
        }
        else
        {
            services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                endpoint.Use(Handover.Before);
                endpoint.Use(connections.Before);
            }));
            services.AddOptions<KestrelServerOptions>().Configure<ConnectionLimit>((kestrel, limit) =>
            {
                if (limit.Max < int.MaxValue)
                {
                    // Behind TLS the web server counts a connection no more once it is a socket.
                    var isTls = settings.Urls.Any(static url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
                    kestrel.Limits.MaxConcurrentConnections = isTls ? Math.Max(1, limit.Max / 2) : limit.Max;
                    kestrel.Limits.MaxConcurrentUpgradedConnections = kestrel.Limits.MaxConcurrentConnections;
                }
            });
        }
        if (settings.Redis is { } redis)
        {
            services.AddSingleton(provider => new RedisBackplane(RedisOptions.For(redis), () => site(provider),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RedisBackplane>>()));
            services.AddSingleton<IBackplane>(provider => provider.GetRequiredService<RedisBackplane>());
            services.AddHostedService(provider => provider.GetRequiredService<RedisBackplane>());
            services.AddHealthChecks().AddCheck<RedisCheck>("redis");
        }
        else
        {
            services.AddSingleton<IBackplane, NoBackplane>();
        }
        services.AddSingleton<SharedCounts>();
        services.AddHostedService(provider => provider.GetRequiredService<SharedCounts>());
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<Presence>();
        services.AddHostedService(provider => provider.GetRequiredService<Presence>());
        services.AddHostedService<ConnectionCare>();
        services.AddHealthChecks().AddCheck<DrainCheck>("draining");
        return services;
    }
}
