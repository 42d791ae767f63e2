using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

/// <summary>Two web nodes and two workers on PostgreSQL behind nginx, with the configuration of <c>deploy/</c>.</summary>
[Trait("Speed", "Slow")]
[Collection(nameof(Cluster))]
public sealed class ClusterTests(Cluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_signs_in_on_one_node_is_known_on_the_other()
    {
        var cookies = new CookieContainer();
        using (await cluster.SignUpAsync("anna", cookies))
        {
        }
        var again = new CookieContainer();
        using (var login = cluster.CreateClient(cluster.Web[0].Address, again))
        {
            using var answer = await login.PostFormAsync("/login/", ("username", "anna"), ("password", TestAccounts.Password));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }

        foreach (var (node, jar) in cluster.Web.SelectMany(node => new[] { (node, cookies), (node, again) }))
        {
            using var client = cluster.CreateClient(node.Address, jar);
            using var page = await client.GetAsync(new Uri("/settings/", UriKind.Relative), Ct);

            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("anna", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_form_of_one_node_is_taken_by_the_other()
    {
        var cookies = new CookieContainer();
        using var signedUp = await cluster.SignUpAsync("berta", cookies);
        foreach (var (i, shows, takes) in new[] { (0, cluster.Web[0], cluster.Web[1]), (1, cluster.Web[1], cluster.Web[0]) })
        {
            using var reader = cluster.CreateClient(shows.Address, cookies);
            using var writer = cluster.CreateClient(takes.Address, cookies);
            var token = await reader.GetTokenAsync("/create/");

            using var made = await writer.PostAsync(new Uri("/create/", UriKind.Relative),
                new FormUrlEncodedContent([new("name", $"form-{i}"), new("title", "茶"), new("topic", ""), new("access", "private"), new("csrfmiddlewaretoken", token)]), Ct);

            Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync(new Uri($"/room/form-{i}/", UriKind.Relative), Ct)).StatusCode);
        }
        using var forged = await signedUp.PostAsync(new Uri("/create/", UriKind.Relative), new FormUrlEncodedContent([new("name", "forged")]), Ct);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task A_guests_pass_of_one_node_is_believed_by_the_other()
    {
        var cookies = new CookieContainer();
        using var first = cluster.CreateClient(cluster.Web[0].Address, cookies);
        using var entered = await first.GetAsync(new Uri("/chat/guests-hall/?username=Mei", UriKind.Relative), Ct);
        Assert.True(entered.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect or HttpStatusCode.SeeOther, $"{entered.StatusCode}");

        await using var socket = await SocketClient.ConnectAsync(cluster.Web[1].Address, "/ws/chat/guests-hall/", cookies: cookies);
        await socket.SendAsync(new { message = "hello" });

        Assert.Equal("Mei", (string?)(await socket.ReceiveAsync())["user"]);
    }

    [Fact]
    public async Task A_message_goes_over_a_socket_through_nginx_and_is_read_on_every_node()
    {
        var cookies = new CookieContainer();
        using var client = await cluster.SignUpAsync("cora", cookies);
        await client.CreateRoomAsync("by-socket", "members");
        await using var socket = await SocketClient.ConnectAsync(cluster.Nginx.Address, "/ws/chat/by-socket/", SocketClient.V1, cookies);
        Assert.Equal(SocketClient.V1, socket.SubProtocol);
        await socket.ReceiveAsync("subscribed");

        await socket.SendAsync(new { type = "send", room = "by-socket", message = "茶", nonce = "n1" });

        // After the line that says who made the room.
        Assert.Equal(2, (long)(await socket.ReceiveAsync("ack"))["seq"]!);
        foreach (var node in cluster.Web)
        {
            using var reader = cluster.CreateClient(node.Address, cookies);
            var page = JsonNode.Parse(await reader.GetStringAsync(new Uri("/api/v1/rooms/by-socket/messages", UriKind.Relative), Ct))!;
            Assert.Equal("茶", (string?)Assert.Single(page["messages"]!.AsArray(), message => (string?)message!["kind"] == "text")!["message"]);
        }
        // The Origin is compared with the host as the browser sees it.
        await using var foreign = await SocketClient.ConnectAsync(cluster.Nginx.Address, "/ws/", SocketClient.V1, headers: [("Origin", "https://evil.example"), ("Cookie", cookies.GetCookieHeader(cluster.Nginx.Address))]);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.RefusedWith);
    }

    [Fact]
    public async Task What_is_said_on_one_node_is_heard_on_the_other()
    {
        await using var first = await SocketClient.ConnectAsync(cluster.Web[0].Address, "/ws/chat/across/", SocketClient.V1);
        await using var second = await SocketClient.ConnectAsync(cluster.Web[1].Address, "/ws/chat/across/", SocketClient.V1);
        await first.ReceiveAsync("subscribed");
        await second.ReceiveAsync("subscribed");

        // Each waits for the one before: by looking into the database once a second, as without Redis, it would take longer.
        await TalkAsync().WaitAsync(TimeSpan.FromSeconds(5), Ct);

        async Task TalkAsync()
        {
            for (var i = 0; i < 8; i++)
            {
                var (from, to) = i % 2 == 0 ? (first, second) : (second, first);
                await from.SendAsync(new { type = "send", room = "across", message = $"{i}", nonce = $"{i}" });
                await to.ReceiveAsync(frame => (string?)frame["message"] == $"{i}");
            }
        }
    }

    [Fact]
    public async Task Events_come_through_nginx_while_the_stream_goes_on()
    {
        var (bot, _) = await cluster.AddBotAsync("dora");
        using (bot)
        {
            using var made = await bot.PostAsJsonAsync("/api/v1/rooms", new { name = "by-stream", access = "members" }, Ct);
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
            using var sent = await bot.PostAsJsonAsync("/api/v1/rooms/by-stream/messages", new { message = "early" }, Ct);
            Assert.Equal(HttpStatusCode.Created, sent.StatusCode);

            await using var events = await EventReader.OpenAsync(bot, "/api/v1/rooms/by-stream/stream", lastEventId: 0);

            // After the line that says who made the room.
            await events.ReceiveAsync("message");
            Assert.Equal("early", (string?)(await events.ReceiveAsync("message"))["message"]);
        }
    }

    [Fact]
    public async Task Only_nginx_is_believed_about_who_comes()
    {
        async Task<bool> TakenForHttpsAsync(Uri to, IPAddress from)
        {
            using var client = cluster.CreateClient(to, from: from);
            client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
            client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
            using var page = await client.GetAsync(new Uri("/login/", UriKind.Relative), Ct);
            return page.Headers.GetValues("Set-Cookie").Any(cookie => cookie.Contains("secure", StringComparison.OrdinalIgnoreCase));
        }

        Assert.All(await Task.WhenAll(cluster.Web.Select(node => TakenForHttpsAsync(node.Address, IPAddress.Loopback))), Assert.True);
        Assert.All(await Task.WhenAll(cluster.Web.Select(node => TakenForHttpsAsync(node.Address, IPAddress.Parse("127.0.2.1")))), Assert.False);
        Assert.False(await TakenForHttpsAsync(cluster.Nginx.Address, IPAddress.Loopback));
    }

    [Fact]
    public async Task A_worker_says_that_it_lives_and_nothing_else()
    {
        foreach (var worker in cluster.Workers)
        {
            using var client = cluster.CreateClient(worker.Address);
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound], (await Task.WhenAll(
                ((string[])["/healthz", "/readyz", "/login/", "/api/v1/me"]).Select(path => client.GetAsync(new Uri(path, UriKind.Relative), Ct)))).Select(answer => answer.StatusCode));
            Assert.Equal(0, (await ProgramProcess.RunAsync(["health"], settings: [.. worker.Environment])).ExitCode);
        }
        await cluster.Workers[0].RenewAsync();
    }

    [Fact]
    public async Task Renewing_both_nodes_under_load_loses_nothing_doubles_nothing_and_shows_no_error()
    {
        using var owner = await cluster.SignUpAsync("emma");
        await owner.CreateRoomAsync("renewal", "guests");
        using var done = new CancellationTokenSource();
        var statuses = new ConcurrentBag<HttpStatusCode>();
        var sent = new ConcurrentBag<string>();
        List<TeahouseClient> clients = [];
        List<RoomReader> readers = [];
        List<Task> load = [];
        foreach (var name in (string[])["f1", "f2", "f3"])
        {
            var (bot, token) = await cluster.AddBotAsync(name);
            load.Add(PostAsync(bot, name));
            load.Add(ReadAsync(cluster.CreateClient()));
            var client = new TeahouseClient(new TeahouseClientOptions { Server = cluster.Nginx.Address, Token = token, LongestRetry = TimeSpan.FromSeconds(1) });
            clients.Add(client);
            readers.Add(new RoomReader(await client.JoinAsync("renewal", Ct)));
            load.Add(SendAsync(client, name));
        }

        foreach (var node in cluster.Web)
        {
            await node.RenewAsync();
        }
        var before = sent.Count;
        await Eventually.TrueAsync(() => sent.Count > before + 20);
        await done.CancelAsync();
        await Task.WhenAll(load);

        Assert.DoesNotContain(statuses, status => (int)status >= 500);
        List<(long Seq, string Text)> stored = [];
        for (var more = true; more;)
        {
            var page = JsonNode.Parse(await owner.GetStringAsync(new Uri($"/api/v1/rooms/renewal/messages?after={stored.LastOrDefault().Seq}&limit=200", UriKind.Relative), Ct))!;
            stored.AddRange(page["messages"]!.AsArray().Select(message => ((long)message!["seq"]!, (string?)message["message"] ?? "")));
            more = (bool)page["has_more"]!;
        }
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(seq => (long)seq), stored.Select(message => message.Seq));
        Assert.Equal(sent.Order(), stored.Select(message => message.Text).Where(text => text.StartsWith("load-", StringComparison.Ordinal)).Order());
        foreach (var reader in readers)
        {
            await reader.ReachAsync(stored.Count);
            Assert.Equal(stored.TakeLast(reader.Messages.Count), reader.Messages.Select(message => (message.Seq, message.Text)));
        }
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        async Task PostAsync(HttpClient bot, string name)
        {
            using (bot)
            using (var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(150)))
            {
                for (var i = 0; !done.IsCancellationRequested; i++)
                {
                    await pace.WaitForNextTickAsync(Ct);
                    using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/rooms/renewal/messages", UriKind.Relative));
                    request.Content = JsonContent.Create(new { message = $"load-post-{name}-{i}" });
                    request.Headers.Add("Idempotency-Key", $"{name}-{i}");
                    using var answer = await bot.SendAsync(request, Ct);
                    statuses.Add(answer.StatusCode);
                    // 200: the other node had stored it already.
                    if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK)
                    {
                        sent.Add($"load-post-{name}-{i}");
                    }
                }
            }
        }

        async Task ReadAsync(HttpClient visitor)
        {
            using (visitor)
            using (var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100)))
            {
                while (!done.IsCancellationRequested)
                {
                    await pace.WaitForNextTickAsync(Ct);
                    using var answer = await visitor.GetAsync(new Uri("/login/", UriKind.Relative), Ct);
                    statuses.Add(answer.StatusCode);
                }
            }
        }

        async Task SendAsync(TeahouseClient client, string name)
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                await pace.WaitForNextTickAsync(Ct);
                await client.SendAsync("renewal", $"load-socket-{name}-{i}", Ct);
                sent.Add($"load-socket-{name}-{i}");
            }
        }
    }
}
