using Microsoft.Extensions.DependencyInjection.Extensions;
using Teahouse.Mail;
using Teahouse.Messages;
using Teahouse.Rooms;

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
        services.AddSingleton<WebhookListQueries>();
        services.AddSingleton<AdministerWebhooks>();
        return services;
    }

    /// <summary>What reaches outwards, also where there is no site.</summary>
    public static IServiceCollection AddWebhookWork(this IServiceCollection services)
    {
        services.TryAddSingleton<GuestBans>();
        services.TryAddSingleton<RoomQueries>();
        services.TryAddSingleton<RoomStore>();
        services.TryAddSingleton<RoomAccess>();
        services.TryAddSingleton<MessageQueries>();
        services.TryAddSingleton<MessageEncoder>();
        services.TryAddSingleton<WebhookQueries>();
        services.TryAddSingleton<WebhookAddresses>();
        services.TryAddSingleton<DeliveryQueries>();
        services.TryAddSingleton<ErrandStore>();
        services.AddSingleton<PostWebhook>();
        services.AddSingleton<WebhookEvents>();
        services.AddSingleton<WebhookReader>();
        services.TryAddSingleton<SinkWords>();
        services.AddMailWriter<WebhookPausedLetter>();
        services.AddSingleton<ISinkTarget, WebhookTarget>();
        services.AddSingleton<RunErrand>();
        services.AddHostedService<ErrandLoop>();
        return services;
    }
}
