using System.Globalization;
using Teahouse.Accounts;
using Teahouse.Sinks;
using Teahouse.Web;

namespace Teahouse.Metrics;

/// <summary><c>/metrics</c>: what this process has done and holds, for Prometheus.</summary>
internal static class MetricsFeature
{
    private const string Path = "/metrics";
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static IServiceCollection AddProcessMetrics(this IServiceCollection services, TelemetrySettings telemetry)
    {
        if (telemetry.Endpoint is not null)
        {
            // Its own words for a span hold the path.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", isEnabled: true);
            services.AddSingleton(telemetry);
            services.AddHostedService<Telemetry>();
            services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, SpanNames>());
        }
        services.AddMetrics();
        services.AddSingleton<MetricsCollector>();
        services.AddSingleton<MetricsAccess>();
        services.AddSingleton<Instruments>();
        services.AddSingleton<SinkGauges>();
        services.AddSingleton<SinkInstruments>();
        // First, so before the check of the Host header: a collector finds nodes by their addresses.
        services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, NearbyCollector>());
        return services;
    }

    /// <summary>For administrators who show a token, from anywhere; for everybody else there is nothing here.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        app.Services.GetRequiredService<Instruments>().Begin();
        app.MapGet(Path, static context =>
        {
            if (context.GetCaller() is { IsAdmin: true, Token.Scope: TokenScope.Admin })
            {
                return AnswerAsync(context);
            }
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }).ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        SecurityHeaders.Promise(context);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        await context.RequestServices.GetRequiredService<SinkInstruments>().SampleAsync(context.RequestAborted);
        context.RequestServices.GetRequiredService<MetricsCollector>().Write(text);
        context.Response.ContentType = ContentType;
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    /// <summary>Answers collectors that come straight from where <see cref="MetricsAccess"/> lets them.</summary>
    private sealed class NearbyCollector(MetricsAccess access) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, further) => context.Request.Path.Value?.TrimEnd('/') == Path && HttpMethods.IsGet(context.Request.Method) && access.Allows(context)
                ? AnswerAsync(context)
                : further(context));
            next(app);
        };
    }
}
