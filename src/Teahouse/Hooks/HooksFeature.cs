namespace Teahouse.Hooks;

/// <summary>Incoming webhooks: programs that speak in one room.</summary>
internal static class HooksFeature
{
    public static IServiceCollection AddHooks(this IServiceCollection services)
    {
        services.AddSingleton<HookStore>();
        services.AddSingleton<HookQueries>();
        services.AddSingleton<HookListQueries>();
        services.AddSingleton<ManageHooks>();
        services.AddSingleton<CallHook>();
        return services;
    }

    /// <param name="app">The site.</param>
    /// <param name="api">The group of calls under <c>/api/v1</c>.</param>
    public static void MapHooks(this IEndpointRouteBuilder app, RouteGroupBuilder api) => HooksApi.Map(app, api);
}
