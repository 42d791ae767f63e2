namespace Teahouse.Web;

/// <summary>How log lines are written.</summary>
public enum LogFormat
{
    Text,
    Json,
}

/// <summary>Where traces and metrics are sent to. Immutable.</summary>
public sealed record TelemetrySettings
{
    /// <summary>A collector that speaks OTLP; ends with a slash. Null: nothing is sent, and nothing is measured for it.</summary>
    public required Uri? Endpoint { get; init; }

    /// <summary>By gRPC instead of HTTP with protobuf.</summary>
    public required bool IsGrpc { get; init; }

    /// <summary>As <c>name=value,name=value</c>; may hold a secret.</summary>
    public required string Headers { get; init; }

    /// <summary>Between two reports of metrics.</summary>
    public required TimeSpan Interval { get; init; }

    internal static TelemetrySettings Read(SettingReader reader) => new()
    {
        Endpoint = reader.Text("OTEL_EXPORTER_OTLP_ENDPOINT", "").Length > 0 ? reader.Address("OTEL_EXPORTER_OTLP_ENDPOINT", new Uri("http://127.0.0.1:4318/")) : null,
        IsGrpc = reader.Text("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") switch
        {
            "http/protobuf" => false,
            "grpc" => true,
            var other => throw new SettingException("OTEL_EXPORTER_OTLP_PROTOCOL", other, "http/protobuf or grpc"),
        },
        Headers = reader.Text("OTEL_EXPORTER_OTLP_HEADERS", ""),
        Interval = TimeSpan.FromMilliseconds(Math.Max(1, reader.Number("OTEL_METRIC_EXPORT_INTERVAL", 60_000))),
    };
}
