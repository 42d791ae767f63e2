using Teahouse.Sinks.Webhooks;

namespace Teahouse.Sinks;

/// <summary>Where messages go outwards.</summary>
internal static class SinksFeature
{
    public static IServiceCollection AddSinks(this IServiceCollection services) => services.AddWebhooks().AddWebhookWork();

    public static void MapSinks(this RouteGroupBuilder api) => WebhooksApi.Map(api);
}
