namespace Teahouse.Sinks.Webhooks;

/// <summary>Outgoing webhooks: registered by users, delivered in the order of each room's messages.</summary>
internal static class WebhooksFeature
{
    /// <summary>What registers and shows.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<WebhookAddresses>();
        services.AddSingleton<DeliveryQueries>();
        services.AddSingleton<ErrandStore>();
        services.AddSingleton<RegisterWebhook>();
        services.AddSingleton<ManageWebhooks>();
        return services;
    }

    /// <summary>What reaches outwards, beside <see cref="AddWebhooks"/>.</summary>
    public static IServiceCollection AddWebhookWork(this IServiceCollection services)
    {
        services.AddSingleton<PostWebhook>();
        services.AddSingleton<WebhookEvents>();
        services.AddSingleton<WebhookReader>();
        services.AddSingleton<DeliverMessages>();
        services.AddSingleton<RunErrand>();
        services.AddHostedService<ErrandLoop>();
        return services;
    }
}
