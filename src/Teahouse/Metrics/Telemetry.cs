using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Teahouse.Web;

namespace Teahouse.Metrics;

/// <summary>Sends traces and metrics to the collector of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>. Without it nothing of this is there.</summary>
internal sealed partial class Telemetry(TelemetrySettings settings, SinkInstruments sinks, ILogger<Telemetry> log) : BackgroundService
{
    private const string Service = "teahouse";

    /// <summary>Requests of the web server, and statements of PostgreSQL's client. Not calls to elsewhere: addresses of webhooks hold secrets.</summary>
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "Npgsql"];

    private static readonly string[] Meters = [MetricsCollector.Own, "Microsoft.AspNetCore.Hosting", "System.Runtime"];

    /// <summary>A collector that does not answer holds up one thread for no longer than this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Made first: the service's name may be given by OTEL_SERVICE_NAME, which goes before.
        var resource = ResourceBuilder.CreateEmpty().AddService(Service, serviceInstanceId: Environment.MachineName).AddTelemetrySdk().AddEnvironmentVariableDetector();
        using var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter(options => Configure(options, "v1/traces")).Build();
        var exporter = new OtlpExporterOptions();
        Configure(exporter, "v1/metrics");
        using var reader = new BaseExportingMetricReader(new OtlpMetricExporter(exporter));
        using var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddReader(reader).Build();
        LogBegun(log, settings.Endpoint?.Authority ?? "");
        using var timer = new PeriodicTimer(settings.Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await sinks.SampleAsync(stoppingToken);
                metrics.ForceFlush((int)Patience.TotalMilliseconds);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was measured last is sent as the providers are disposed of.
        }
    }

    private void Configure(OtlpExporterOptions options, string path)
    {
        options.Protocol = settings.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        // Not null: this is only here where it is set.
        options.Endpoint = settings.IsGrpc ? settings.Endpoint! : new Uri(settings.Endpoint!, path);
        options.Headers = settings.Headers;
        options.TimeoutMilliseconds = (int)Patience.TotalMilliseconds;
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "telemetry_begun", Message = "Traces and metrics go to {Collector}")]
    private static partial void LogBegun(ILogger logger, string collector);
}

/// <summary>Calls a request's span by its route, which is all it says of the address: paths and queries may hold secrets.</summary>
internal sealed class SpanNames : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, further) =>
        {
            try
            {
                await further(context);
            }
            finally
            {
                if (Activity.Current is { IsAllDataRequested: true } span)
                {
                    var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
                    span.DisplayName = $"{context.Request.Method} {route}".TrimEnd();
                    span.SetTag("http.request.method", context.Request.Method);
                    span.SetTag("http.route", route);
                    span.SetTag("http.response.status_code", context.Response.StatusCode);
                }
            }
        });
        next(app);
    };
}
