using Microsoft.Extensions.DependencyInjection.Extensions;
using Teahouse.Jobs;
using Teahouse.Messages;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Sinks.Webhooks;
using Teahouse.Web;

namespace Teahouse.Sinks;

/// <summary>Where messages go outwards: outlets that read the log from a durable cursor, Google Sheets, webhooks.</summary>
internal static class SinksFeature
{
    /// <summary>What the site needs: making, showing and steering sinks.</summary>
    public static IServiceCollection AddSinks(this IServiceCollection services) => services.AddSinkBasics().AddSingleton<ManageSinks>().AddSingleton<AskSheet>().AddSingleton<SinkWords>().AddWebhooks();

    /// <summary>What a process without a site needs, too.</summary>
    public static IServiceCollection AddSinkBasics(this IServiceCollection services)
    {
        services.TryAddSingleton<MessageSignal>();
        services.AddSingleton<SinkSignal>();
        services.AddSingleton<SinkStore>();
        services.AddSingleton<SinkQueries>();
        services.AddSingleton<SinkLog>();
        services.AddSingleton<ServiceAccounts>();
        services.AddSingleton<TestSheet>();
        services.AddSingleton<SheetErrandStore>();
        services.AddSingleton<CallStore>();
        services.AddSingleton(provider =>
            new CallPace(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Settings>().Google.CallsPerMinute, provider.GetRequiredService<CallStore>()));
        services.AddHttpClient<SheetsClient>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(10) })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Addresses hold the ids of spreadsheets.
            .RemoveAllLoggers();
        return services;
    }

    /// <summary>The work itself, where this process does it: beside <see cref="AddSinkBasics"/>.</summary>
    public static IServiceCollection AddSinkWork(this IServiceCollection services)
    {
        services.AddSingleton<SinkServices>();
        services.AddSingleton<ISinkTarget, SheetTarget>();
        services.AddScheduledWork<AuditSheets>();
        services.AddHostedService<SettingsSheet>();
        services.AddHostedService<SinkRunner>();
        services.AddHostedService<SheetErrandLoop>();
        return services.AddWebhookWork();
    }

    public static void MapSinks(this RouteGroupBuilder api)
    {
        SinksApi.Map(api);
        WebhooksApi.Map(api);
    }
}
