namespace Teahouse.Sinks;

/// <summary>Where messages go outwards. So far the registration of webhooks.</summary>
internal static class SinksFeature
{
    public static IServiceCollection AddSinks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<RegisterWebhook>();
        return services;
    }

    public static void MapSinks(this RouteGroupBuilder api) => WebhooksApi.Map(api);
}
