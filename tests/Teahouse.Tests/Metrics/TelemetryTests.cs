using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Metrics;

/// <summary>Traces and metrics as a collector of OTLP over HTTP gets them.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("Speed", "Slow")]
    public async Task A_collector_gets_metrics_and_spans_and_no_addresses_with_secrets()
    {
        await using var collector = await Collector.StartAsync();
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        // A process of its own: spans are a whole process's, and other tests have theirs.
        await using (var program = await ProgramProcess.ServeAsync(data, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=abc"), ("OTEL_METRIC_EXPORT_INTERVAL", "100")))
        {
            await using (var client = new TeahouseClient(new TeahouseClientOptions { Server = program.Address, Nickname = "g" }))
            {
                await client.SendAsync("den", "nobody else's business", Ct);
            }
            await History.ReadAsync(program.Address, "den");
            using var http = new HttpClient { BaseAddress = program.Address };
            using var secret = await http.PostAsJsonAsync("/hooks/whoever-knows-this-may-speak?token=another", new { text = "x" }, Ct);

            await Eventually.TrueAsync(() => collector.Names("/v1/metrics").IsSupersetOf(["teahouse.messages.stored", "teahouse.commit.writes", "teahouse.sockets.open", "http.server.request.duration"]),
                () => string.Join(' ', collector.Names("/v1/metrics")));
            // Spans that wait are sent at the stop.
            program.Terminate();
            await program.WaitForExitAsync();
        }
        Directory.Delete(data, recursive: true);
        Assert.Contains("GET /api/v1/rooms/{room}/messages", collector.Names("/v1/traces"));

        var everything = string.Join('\n', collector.Bodies.Select(body => Encoding.UTF8.GetString(body.Content)));
        foreach (var word in (string[])["whoever-knows-this", "another", "business"])
        {
            Assert.DoesNotContain(word, everything, StringComparison.Ordinal);
        }
        Assert.Contains("teahouse", everything, StringComparison.Ordinal);
        Assert.All(collector.Bodies, body => Assert.Equal(("application/x-protobuf", "abc"), (body.Type, body.Key)));
    }

    [Fact]
    public async Task A_collector_that_is_away_disturbs_nobody()
    {
        await using var server = await TestServer.StartAsync([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_METRIC_EXPORT_INTERVAL", "20")]);
        using var client = server.CreateClient();

        for (var i = 0; i < 20; i++)
        {
            using var page = await client.GetAsync(new Uri("/login/", UriKind.Relative), Ct);
            Assert.True((int)page.StatusCode < 400);
        }
    }

    /// <summary>Takes what is sent, and reads the names in it.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Collector(WebApplication app) => _app = app;

        public ConcurrentQueue<(string Path, string? Type, string Key, byte[] Content)> Bodies { get; } = new();

        public string Address => _app.Urls.First();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var collector = new Collector(app);
            app.Run(async context =>
            {
                using var content = new MemoryStream();
                await context.Request.Body.CopyToAsync(content);
                collector.Bodies.Enqueue((context.Request.Path, context.Request.ContentType, context.Request.Headers["x-key"].ToString(), content.ToArray()));
                context.Response.ContentType = "application/x-protobuf";
            });
            await app.StartAsync();
            return collector;
        }

        /// <summary>The names of metrics, or of spans, of everything sent to a path: <c>resource_metrics[1] → scope_metrics[2] → metrics[2] → name[1]</c>, and of spans <c>[1] → [2] → [2] → name[5]</c>.</summary>
        public HashSet<string> Names(string path) => [.. Bodies.Where(body => body.Path == path)
            .SelectMany(body => Fields(body.Content, 1)).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2))
            .SelectMany(item => Fields(item, path == "/v1/metrics" ? 1 : 5)).Select(name => Encoding.UTF8.GetString(name.Span))];

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        /// <summary>The values of a field of a protobuf message, as bytes.</summary>
        private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
        {
            List<ReadOnlyMemory<byte>> values = [];
            for (var at = 0; at < message.Length;)
            {
                var key = Varint(message.Span, ref at);
                var length = (key & 7) switch
                {
                    0 => VarintLength(message.Span, at),
                    1 => 8,
                    2 => (int)Varint(message.Span, ref at),
                    5 => 4,
                    _ => throw new InvalidDataException("This is no protobuf."),
                };
                if ((key & 7) == 2 && (int)(key >> 3) == number)
                {
                    values.Add(message.Slice(at, length));
                }
                at += length;
            }
            return values;
        }

        private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }

        private static int VarintLength(ReadOnlySpan<byte> bytes, int at)
        {
            var end = at;
            Varint(bytes, ref end);
            return end - at;
        }
    }
}
