using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Teahouse.Client;
using Teahouse.Storage;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Storage;

/// <summary>A database that is killed, throws everybody out, is held, or is not there. Its server is this class's own.</summary>
[Trait("Speed", "Medium")]
public sealed partial class PostgresFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PostgresCluster? _cluster;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PostgresCluster Cluster => _cluster ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _cluster = await PostgresCluster.StartAsync();

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();

    [Theory, Trait("Speed", "Slow")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_goes_away_under_load_loses_and_doubles_nothing(bool isKilled)
    {
        const int Senders = 3;
        const int Messages = 150;
        var database = await Cluster.CreateDatabaseAsync();
        await using var server = await StartAsync(database, ("SOCKET_HEARTBEAT_SECONDS", "0.5"));
        var clients = Enumerable.Range(0, Senders).Select(i => new TeahouseClient(new TeahouseClientOptions
        {
            Server = server.Address,
            Nickname = $"c{i}",
            FirstRetry = TimeSpan.FromMilliseconds(20),
            LongestRetry = TimeSpan.FromMilliseconds(200),
        })).ToList();
        List<RoomReader> readers = [];
        foreach (var client in clients)
        {
            readers.Add(new RoomReader(await client.JoinAsync("r", Ct)));
        }

        var acknowledged = 0;
        var sends = clients.Select((client, i) => Task.Run(async () =>
        {
            for (var n = 0; n < Messages; n++)
            {
                await client.SendAsync("r", $"{i}:{n}", Ct);
                Interlocked.Increment(ref acknowledged);
            }
        }, Ct)).ToList();
        foreach (var at in (int[])[60, 200])
        {
            await Eventually.TrueAsync(() => Volatile.Read(ref acknowledged) > at, patience: Patience);
            if (isKilled)
            {
                await Cluster.KillAsync();
                await Cluster.StartAgainAsync();
            }
            else
            {
                await Cluster.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
            }
        }
        await Task.WhenAll(sends).WaitAsync(Patience, Ct);

        var all = await History.ReadAsync(server.Address, "r");
        Assert.Equal(Enumerable.Range(1, Senders * Messages).Select(seq => (long)seq), all.Select(message => (long)message["seq"]!));
        for (var i = 0; i < Senders; i++)
        {
            var own = all.Select(message => (string)message["message"]!).Where(text => text.StartsWith($"{i}:", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, Messages).Select(n => $"{i}:{n}"), own);
        }
        foreach (var reader in readers)
        {
            await reader.ReachAsync(Senders * Messages);
            Assert.Equal(all.Select(message => (string)message["message"]!), reader.Texts);
        }
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task While_it_is_away_everything_is_refused_and_goes_on_when_it_returns()
    {
        await using var server = await StartAsync(await Cluster.CreateDatabaseAsync());
        using var bot = await server.CreateBotAsync("alice");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1);
        await SendAsync("before");
        await socket.ReceiveAsync("ack");

        await Cluster.KillAsync();
        await SendAsync("away");
        var refused = await socket.ReceiveAsync("error");
        using var post = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/r/messages", UriKind.Relative), new { message = "x" }, Ct);
        using var read = await bot.GetAsync(new Uri("/api/v1/rooms/r/messages", UriKind.Relative), Ct);
        using var page = await server.CreateClient().GetAsync(new Uri("/login/", UriKind.Relative), Ct);
        using var ready = await server.CreateClient().GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
        using var alive = await server.CreateClient().GetAsync(new Uri("/healthz", UriKind.Relative), Ct);
        await Cluster.StartAgainAsync();

        Assert.Equal(("busy", "away"), ((string?)refused["code"], (string?)refused["nonce"]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, post.StatusCode);
        Assert.Equal("busy", (string?)(await post.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, read.StatusCode);
        Assert.True((int)page.StatusCode is 200 or 503, $"{page.StatusCode}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        // By itself, on the socket that stayed open.
        await SendAsync("after");
        Assert.Equal(2, (long)(await socket.ReceiveAsync("ack"))["seq"]!);
        using var again = await server.CreateClient().GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);

        Task SendAsync(string text) => socket.SendAsync(new { type = "send", room = "r", message = text, nonce = text });
    }

    [Fact]
    public async Task While_it_is_away_pages_say_so_to_users_and_guests_alike()
    {
        await using var server = await StartAsync(await Cluster.CreateDatabaseAsync());
        using var alice = await server.SignInAsync("alice");
        using var guest = server.CreateClient();
        using (await guest.GetAsync(new Uri("/chat/r/?username=tea", UriKind.Relative), Ct))
        {
        }
        using var somebody = server.CreateClient();
        var style = Style().Match(await somebody.GetStringAsync(new Uri("/login/", UriKind.Relative), Ct)).Value;

        await Cluster.KillAsync();
        List<(string Who, string Path, int Status, bool SaysWhen, string Body)> answers = [];
        foreach (var (who, client) in new[] { ("alice", alice), ("guest", guest), ("somebody", somebody) })
        {
            foreach (var path in (string[])["/", "/chat/", "/chat/r/", "/settings/", "/nothing/", style])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { { "Accept", "text/html" }, { "Accept-Language", "zh-TW" } } };
                using var answer = await client.SendAsync(request, Ct);
                answers.Add((who, path, (int)answer.StatusCode, answer.Headers.RetryAfter is not null, await answer.Content.ReadAsStringAsync(Ct)));
            }
        }
        await Cluster.StartAgainAsync();

        Assert.All(answers, answer => Assert.True(answer.Status < 500 || (answer is { Status: 503, SaysWhen: true } && answer.Body.Contains("</html>", StringComparison.Ordinal)), $"{answer}"));
        Assert.All(answers.Where(answer => answer.Path == style), answer => Assert.Equal(200, answer.Status));
        Assert.All(answers.Where(answer => answer is { Who: "alice" or "guest", Path: "/chat/r/" }), answer => Assert.Equal(503, answer.Status));
    }

    [GeneratedRegex("/assets/app[^\"]*css")]
    private static partial Regex Style();

    [Fact]
    public async Task After_it_was_started_again_the_first_messages_are_stored_like_the_others()
    {
        await using var server = await StartAsync(await Cluster.CreateDatabaseAsync());
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1);
        for (var i = 1; i <= 3; i++)
        {
            await socket.SendAsync(new { type = "send", room = "r", message = $"m{i}" });
            Assert.Equal(i, (long?)(await socket.ReceiveAsync(frame => (string?)frame["type"] is "ack" or "error"))["seq"]);
            // Every connection of the program's.
            await Cluster.ExecuteAsync("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
        }
    }

    [Fact]
    public async Task A_room_that_somebody_holds_holds_up_no_other_and_its_readers_skip_nothing()
    {
        const int Senders = 50;
        var database = await Cluster.CreateDatabaseAsync();
        await using var server = await StartAsync(database);
        var sockets = await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => SocketClient.ConnectAsync(server, "/ws/chat/held/", SocketClient.V1)));
        await using var elsewhere = await SocketClient.ConnectAsync(server, "/ws/chat/free/", SocketClient.V1);
        await SendAsync(sockets[0], "held", "first");
        await SendAsync(elsewhere, "free", "first");
        using var stop = new CancellationTokenSource();
        var polling = Enumerable.Range(0, 3).Select(_ => PollAsync(server.Address, Senders + 1)).ToList();

        await using (var holder = await Cluster.OpenAsync(database))
        {
            await using var transaction = await holder.BeginTransactionAsync(Ct);
            await using var hold = holder.CreateCommand();
            hold.CommandText = "UPDATE rooms SET topic = topic WHERE name_key = 'held'";
            Assert.Equal(1, await hold.ExecuteNonQueryAsync(Ct));
            var waiting = sockets.Select((socket, i) => SendAsync(socket, "held", $"n{i}")).ToList();
            for (var i = 0; i < 20; i++)
            {
                await SendAsync(elsewhere, "free", $"n{i}");
            }
            Assert.DoesNotContain(waiting, send => send.IsCompleted);
            await transaction.CommitAsync(Ct);
            await Task.WhenAll(waiting);
        }

        foreach (var seen in await Task.WhenAll(polling))
        {
            Assert.Equal(Enumerable.Range(1, Senders + 1).Select(seq => (long)seq), seen);
        }
        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }

        static async Task SendAsync(SocketClient socket, string room, string nonce)
        {
            await socket.SendAsync(new { type = "send", room, message = nonce, nonce });
            await socket.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (string?)frame["nonce"] == nonce);
        }
    }

    [Fact]
    public async Task A_database_that_is_not_there_or_refuses_stops_the_start_with_one_line()
    {
        var database = await Cluster.CreateDatabaseAsync();
        foreach (var (url, told) in ((string, string)[])
        [
            (Cluster.UrlOf(database).Replace($":{Cluster.Port}", ":1", StringComparison.Ordinal), "can't be reached"),
            (Cluster.UrlOf(database).Replace("tea%2Fhouse", "hunter2", StringComparison.Ordinal), "password"),
            (Cluster.UrlOf("nowhere"), "nowhere"),
        ])
        {
            var (exitCode, output) = await ProgramProcess.RunAsync(["user", "list"], null, ("DATABASE_URL", url));

            Assert.Equal(1, exitCode);
            var line = Assert.Single(output.Split('\n'));
            Assert.StartsWith("DATABASE_URL:", line, StringComparison.Ordinal);
            Assert.Contains(told, line, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
        }
        // By its Unix socket, as a path in the place of the host.
        var local = $"postgresql://teahouse:tea%2Fhouse@{Uri.EscapeDataString(Cluster.SocketDirectory)}:{Cluster.Port}/{database}?sslmode=disable";
        var (localExit, localOutput) = await ProgramProcess.RunAsync(["migrate"], null, ("DATABASE_URL", local));
        Assert.Equal((0, true), (localExit, localOutput.Contains("PostgreSQL", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_start_that_loses_the_database_asks_it_again()
    {
        var database = await Cluster.CreateDatabaseAsync();
        await using var db = new PostgresDb(PostgresUrl.Parse("DATABASE_URL", Cluster.UrlOf(database)), NullLoggerFactory.Instance);
        await using var other = await Cluster.OpenAsync(database);
        await using var migrating = await other.BeginTransactionAsync(Ct);
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7310027301)", other))
        {
            await command.ExecuteNonQueryAsync(Ct);
        }
        var opening = db.OpenAsync(Ct);
        const string Waiting = "FROM pg_stat_activity WHERE datname = '{0}' AND wait_event = 'advisory'";
        await using var watcher = await Cluster.OpenAsync(database);
        async Task<long> AskAsync(string select)
        {
            await using var command = new NpgsqlCommand(select + " " + string.Format(CultureInfo.InvariantCulture, Waiting, database), watcher);
            return (long)(await command.ExecuteScalarAsync(Ct))!;
        }
        await Eventually.TrueAsync(async () => await AskAsync("SELECT COUNT(*)") == 1, patience: Patience);

        await AskAsync("SELECT COUNT(pg_terminate_backend(pid))");
        await migrating.CommitAsync(Ct);

        await opening.WaitAsync(Patience, Ct);
        Assert.NotEmpty(db.Epoch);
    }

    /// <summary>Asks again and again for what changed, and returns the numbers of what it was given.</summary>
    private static async Task<List<long>> PollAsync(Uri server, int count)
    {
        using var http = new HttpClient { BaseAddress = server };
        List<long> seen = [];
        long rev = 0;
        await Eventually.TrueAsync(async () =>
        {
            var page = await http.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/held/messages?since_rev={rev}&limit=7", UriKind.Relative), Ct);
            seen.AddRange(page!["messages"]!.AsArray().Select(message => (long)message!["seq"]!));
            rev = (long)page["rev"]!;
            return seen.Count >= count;
        }, patience: Patience);
        return seen;
    }

    private Task<TestServer> StartAsync(string database, params (string, string)[] settings) =>
        TestServer.StartAsync([("DATABASE_URL", Cluster.UrlOf(database)), .. SharedServer.NoLimits, .. settings]);
}
