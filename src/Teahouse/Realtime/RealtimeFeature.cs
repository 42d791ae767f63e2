namespace Teahouse.Realtime;

/// <summary>Sockets, feeds, presence: live delivery, which knows nothing of what it carries.</summary>
internal static class RealtimeFeature
{
    public static IServiceCollection AddRealtime(this IServiceCollection services)
    {
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<Presence>();
        services.AddHostedService(provider => provider.GetRequiredService<Presence>());
        services.AddHostedService<ConnectionCare>();
        services.AddHealthChecks().AddCheck<DrainCheck>("draining");
        return services;
    }
}
