using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Teahouse.Realtime;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Metrics;

public sealed partial class MetricsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happened_is_counted()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var bot = await server.CreateBotAsync("alice", "admin");
        (await bot.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "guests" }, Ct)).EnsureSuccessStatusCode();
        using var nobody = server.CreateClient();
        var before = await ReadAsync(nobody);
        await using (var plain = await SocketClient.ConnectAsync(server, "/ws/chat/den/"))
        {
            await using var v1 = await SocketClient.ConnectAsync(server, "/ws/chat/den/", "teahouse.v1");
            await v1.ReceiveAsync(frame => (string?)frame["type"] == "subscribed");
            // A plain client is not told when it begins to listen.
            await Eventually.TrueAsync(() => server.Get<ConnectionRegistry>().FindFeed(Topic.Room("den"))?.ListSubscriptions() is { Length: 2 } both && both.All(each => each.IsLive));
            for (var i = 0; i < 5; i++)
            {
                (await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = $"m{i}" }, Ct)).EnsureSuccessStatusCode();
            }
            await plain.ReceiveAsync(frame => (string?)frame["message"] == "m4");
            await v1.ReceiveAsync(frame => (string?)frame["message"] == "m4");
            using var missing = await bot.GetAsync(new Uri("/api/v1/rooms/not-there", UriKind.Relative), Ct);

            var during = await ReadAsync(nobody);
            // A request counts when it is over, which is a moment after its answer.
            await Eventually.TrueAsync(async () => (during = await ReadAsync(nobody)).Keys.Any(IsOfMissingRoom) && during.Where(IsOfMessages).Sum(each => each.Value) >= 5);

            Assert.Equal((1, 1, 0), (during["teahouse_sockets_open{protocol=\"plain\"}"], during["teahouse_sockets_open{protocol=\"v1\"}"], during["teahouse_sockets_open{protocol=\"events\"}"]));
            Assert.Equal(5, Added("teahouse_messages_stored_total", before, during));
            Assert.True(Added("teahouse_frames_delivered_total", before, during) >= 10);
            Assert.True(Added("teahouse_catchups_total", before, during) >= 1);
            Assert.True(Added("teahouse_commit_writes_count", before, during) is >= 1 and <= Most);
            Assert.True(Added("teahouse_commit_writes_sum", before, during) >= 5);
            Assert.Equal(during["teahouse_commit_writes_count"], during["teahouse_commit_writes_bucket{le=\"+Inf\"}"]);
            Assert.True(Added("teahouse_commit_duration_seconds_count", before, during) is >= 1 and <= Most);
            Assert.InRange(Added("teahouse_commit_duration_seconds_sum", before, during), 1e-6, 30);
            Assert.Equal(5, during.Single(IsOfMessages).Value);
            Assert.Contains(during.Keys, IsOfMissingRoom);
            Assert.DoesNotContain(during.Keys, key => key.Contains("not-there", StringComparison.Ordinal));
            Assert.True(during["teahouse_process_resident_bytes"] > 10_000_000);
        }
        await Eventually.TrueAsync(async () =>
        {
            var after = await ReadAsync(nobody);
            return after["teahouse_sockets_open{protocol=\"plain\"}"] == 0 && after.Where(each => each.Key.StartsWith("teahouse_sockets_closed_total", StringComparison.Ordinal)).Sum(each => each.Value) == 2
                // What those who have gone had got is not forgotten.
                && Added("teahouse_frames_delivered_total", before, after) >= 10;
        });

        static bool IsOfMessages(KeyValuePair<string, double> each) => each.Key.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal)
            && each.Key.Contains("/messages", StringComparison.Ordinal) && each.Key.Contains("\"201\"", StringComparison.Ordinal);

        static bool IsOfMissingRoom(string key) => key.Contains("\"404\"", StringComparison.Ordinal) && key.Contains("{room}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_line_is_of_the_text_format()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        using var response = await client.GetAsync(new Uri("/metrics", UriKind.Relative), Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches("""^(# HELP [a-z][a-z0-9_]* .*|# TYPE [a-z][a-z0-9_]* (counter|gauge|histogram)|[a-z][a-z0-9_]*(\{([a-z_0-9]+="([^"\\\n]|\\.)*",?)+\})? -?[0-9.E+-]+)$""", line));
        var types = lines.Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToList();
        Assert.Equal(types.Count, types.Distinct().Count());
    }

    [Fact]
    public async Task Who_comes_straight_from_an_allowed_network_may_read()
    {
        await using var server = await TestServer.StartAsync([("ALLOWED_HOSTS", "localhost,127.0.0.1")]);
        (string Header, string Value, int Status)[] calls =
        [
            ("Accept", "*/*", 200),
            // Through a proxy everybody comes from its address.
            ("X-Forwarded-For", "203.0.113.9", 404),
            ("X-Forwarded-Proto", "https", 404),
            ("Via", "1.1 proxy", 404),
            // A page of somebody else's whose name leads here.
            ("Host", "evil.example", 400),
            // A collector that knows a node by its address.
            ("Host", "10.1.2.3:8000", 200),
        ];
        using var client = server.CreateClient();
        foreach (var (header, value, status) in calls)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.TryAddWithoutValidation(header, value);

            using var response = await client.SendAsync(request, Ct);

            Assert.True(status == (int)response.StatusCode, $"{header}: {value} is answered with {response.StatusCode}");
            Assert.Equal(status == 200, (await response.Content.ReadAsStringAsync(Ct)).Contains("teahouse_", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task From_elsewhere_an_administrators_token_is_needed()
    {
        await using var server = await TestServer.StartAsync([("METRICS_ALLOW", "10.0.0.0/8")]);
        await server.AddUserAsync("root", isAdmin: true);
        List<int> answers = [];

        foreach (var (user, scope) in ((string, string)[])[("root", "admin"), ("root", "write"), ("alice", "admin")])
        {
            using var bot = await server.CreateBotAsync(user, scope);
            using var response = await bot.GetAsync(new Uri("/metrics", UriKind.Relative), Ct);
            answers.Add((int)response.StatusCode);
        }
        using var nobody = server.CreateClient();
        using var unknown = await nobody.GetAsync(new Uri("/metrics", UriKind.Relative), Ct);

        Assert.Equal([200, 404, 404, 404], [.. answers, (int)unknown.StatusCode]);
    }

    [Fact]
    public async Task Sinks_are_told_of_as_they_are_in_the_database()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await TestServer.StartAsync([("WEBHOOK_ALLOW_PRIVATE", "on"), .. SharedServer.NoLimits]);
        using var nobody = server.CreateClient();
        using var alice = await HookOwner.CreateAsync(server, receiver);
        await alice.SayAsync("one");
        await alice.SayAsync("two");
        await Eventually.TrueAsync(async () => (await ReadAsync(nobody)).GetValueOrDefault("teahouse_sink_delivered_total{kind=\"webhook\"}") == 2);
        Assert.Equal((1, 0), ((await ReadAsync(nobody))["teahouse_sinks{kind=\"webhook\",state=\"running\"}"], (await ReadAsync(nobody))["teahouse_sink_failing_seconds{kind=\"webhook\"}"]));
        // A sheet whose messages nobody takes: this is about the numbers alone.
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("""
            INSERT INTO sinks (kind, name, room_id, config, cursor_id, state, failing_since, created_at)
            SELECT 'elsewhere', 'a "sheet"', id, '{}', 0, 'paused', @since, @since FROM rooms WHERE name_key = 'den'
            """, new { since = DateTimeOffset.UtcNow.AddMinutes(-1) }), Ct);

        var found = await ReadAsync(nobody);

        Assert.Equal(1, found["teahouse_sinks{kind=\"elsewhere\",state=\"paused\"}"]);
        Assert.True(found["teahouse_sink_failing_seconds{kind=\"elsewhere\"}"] is >= 60 and < 90);
        Assert.Equal(3, found["teahouse_sink_lag_messages{kind=\"elsewhere\",sink=\"2\",name=\"a \\\"sheet\\\"\"}"]);
        Assert.True(found["teahouse_sink_lag_seconds{kind=\"elsewhere\",sink=\"2\",name=\"a \\\"sheet\\\"\"}"] is > 0 and < 30);
    }

    [Fact]
    public async Task Sheets_tell_why_they_stand_still_however_many_webhooks_there_are()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var nobody = server.CreateClient();
        await server.Get<Db>().WriteAsync(async session =>
        {
            await session.ExecuteAsync("""
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
                INSERT INTO sinks (kind, name, config, cursor_id, state, created_at)
                SELECT 'webhook', 'webhook ' || n.i, '{}', 0, 'running', 1 FROM n
                """);
            return await session.ExecuteAsync("""
                INSERT INTO sinks (kind, name, config, cursor_id, state, reason, last_error, last_error_at, created_at)
                VALUES ('elsewhere', 'last', '{}', 0, 'paused', 'google: 403 secret', 'google: 403 secret', 1700000000500, 1)
                """);
        }, Ct);

        var found = await ReadAsync(nobody);

        Assert.Single(found, each => each.Key.StartsWith("teahouse_sink_state{kind=\"elsewhere\"", StringComparison.Ordinal) && each.Key.EndsWith("state=\"paused\",reason=\"google\"}", StringComparison.Ordinal) && each.Value == 1);
        Assert.Equal(1700000000.5, found.Single(each => each.Key.StartsWith("teahouse_sink_last_error_timestamp_seconds{", StringComparison.Ordinal)).Value);
        Assert.Equal(199, found.Keys.Count(key => key.StartsWith("teahouse_sink_lag_seconds{kind=\"webhook\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Collectors_that_come_together_each_get_everything()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("INSERT INTO sinks (kind, name, config, cursor_id, state, created_at) VALUES ('elsewhere', 'a', '{}', 0, 'paused', 1)"), Ct);
        using var nobody = server.CreateClient();
        var expected = Gauges(await ReadAsync(nobody));
        Assert.Contains("teahouse_sinks{kind=\"elsewhere\",state=\"paused\"}", expected);

        for (var round = 0; round < 20; round++)
        {
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(nobody)));

            Assert.All(all, each => Assert.Empty(expected.Except(each.Keys)));
        }

        static HashSet<string> Gauges(Dictionary<string, double> read) => [.. read.Keys.Where(key => key.StartsWith("teahouse_sink", StringComparison.Ordinal) || key.StartsWith("teahouse_sockets_open", StringComparison.Ordinal))];
    }

    /// <summary>Commits of five messages and what goes with them.</summary>
    private const double Most = 60;

    private static double Added(string name, Dictionary<string, double> before, Dictionary<string, double> after) => after[name] - before.GetValueOrDefault(name);

    private static async Task<Dictionary<string, double>> ReadAsync(HttpClient client) =>
        Line().Matches(await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct)).ToDictionary(match => match.Groups[1].Value, match => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^([a-z][^\n]*) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
