using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Client;

/// <summary>The library against the real server over a good network. The bad ones: <see cref="ReconnectTests"/>, <see cref="RestartTests"/>.</summary>
[Trait("Speed", "Medium")]
public sealed class TeahouseClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_example_of_the_readme_runs()
    {
        await using var server = await TestServer.StartAsync();

        var written = await ReadmeExample.RunAsync(server.Address).WaitAsync(Patience, Ct);

        Assert.Equal("1 小茶: 大家好", written.Trim());
        string Squeeze(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
        var readme = Repository.Read("src/Teahouse.Client/README.md").Split("```")[1]["csharp".Length..];
        Assert.Contains(Squeeze(readme), Squeeze(Repository.Read("tests/Teahouse.Tests/Client/ReadmeExample.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_joins_sends_and_both_see_the_same()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.SignInAsync("alice");
        await browser.CreateRoomAsync("茶室", "members");
        await using var alice = await ConnectAsync(server, "alice");
        await using var bob = await ConnectAsync(server, "bob");
        using var aliceRoom = await alice.JoinAsync("茶室", Ct);
        var bobs = new RoomReader(await bob.JoinAsync("茶室", Ct));

        var receipt = await aliceRoom.SendAsync("第一句 🍵\n第二行", Ct);
        var arrived = await bobs.NextAsync<MessageArrived>();

        Assert.Equal("alice", alice.User);
        Assert.Equal(receipt, new SendReceipt(arrived.Message.Id, arrived.Message.Seq, arrived.Message.Rev));
        Assert.Equal("第一句 🍵\n第二行", arrived.Message.Text);
        Assert.Equal("alice", arrived.Message.User);
        Assert.False(arrived.Message.IsGuest);
        Assert.Equal("room_created", bobs.Messages[0].Event?.Type);
        Assert.Contains("alice", bobs.Room.Online);
        Assert.True(await alice.PingAsync(Ct) > TimeSpan.Zero);
    }

    [Fact]
    public async Task Marks_typing_and_changes_of_the_room_are_told()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.SignInAsync("alice");
        await browser.CreateRoomAsync("r", "members");
        await using var alice = await ConnectAsync(server, "alice");
        await using var bob = await ConnectAsync(server, "bob");
        using var room = await alice.JoinAsync("R", Ct);
        var reader = new RoomReader(await bob.JoinAsync("r", Ct));
        Assert.Equal("r", room.Name);

        // One's own message is read by sending it.
        var receipt = await reader.Room.SendAsync("x", Ct);
        room.MarkRead(receipt.Seq);
        Assert.Equal(new ReadMarkMoved("alice", receipt.Seq), await reader.NextAsync<ReadMarkMoved>());
        room.ShowTyping();
        Assert.Equal(new UserTyping("alice"), await reader.NextAsync<UserTyping>());
        await browser.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "新標題"), ("topic", "喝茶"), ("access", "guests"));
        Assert.Equal(new RoomChanged("新標題", "喝茶", "guests", false), await reader.NextAsync<RoomChanged>(change => change.Topic != ""));
        await alice.DisposeAsync();
        var gone = await reader.NextAsync<PresenceChanged>(change => change.User == "alice");
        Assert.False(gone.IsOnline);
        Assert.DoesNotContain("alice", reader.Room.Online);
    }

    [Fact]
    public async Task Sends_without_waiting_keep_their_order_and_the_servers_limits()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "20"), ("LIMIT_GUEST_MESSAGES_BURST", "3")]);
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "小茶" });

        var sends = Enumerable.Range(1, 25).Select(i => client.SendAsync("order", $"{i}", Ct)).ToList();
        var receipts = await Task.WhenAll(sends).WaitAsync(Patience, Ct);

        Assert.Equal(Enumerable.Range(1, 25).Select(i => (long)i), receipts.Select(receipt => receipt.Seq));
        using var room = await client.JoinAsync("order", Ct);
        Assert.Equal(Enumerable.Range(1, 25).Select(i => $"{i}"), room.Messages.Select(message => message.Text));
        Assert.All(room.Messages, message => Assert.Equal("小茶", message.User));
    }

    [Theory]
    [InlineData(" ", ErrorCodes.EmptyMessage)]
    [InlineData("bell \u0007", ErrorCodes.BadText)]
    [InlineData("half of 🍵", ErrorCodes.BadText)]
    public async Task A_refused_send_says_why(string text, string code)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "g" });

        var refused = await Assert.ThrowsAsync<TeahouseException>(() => client.SendAsync("r", text.Replace("🍵", "🍵"[..1], StringComparison.Ordinal), Ct));

        Assert.Equal(code, refused.Code);
        Assert.Equal(1, (await client.SendAsync("r", "fine", Ct)).Seq);
    }

    [Theory]
    [InlineData(8001)]
    [InlineData(200_000)]
    public async Task A_text_too_long_is_refused_and_the_connection_stays(int length)
    {
        await using var server = await TestServer.StartAsync();
        var states = new StateLog();
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "g", OnConnectionChanged = states.Add });

        var refused = await Assert.ThrowsAsync<TeahouseException>(() => client.SendAsync("r", new string('茶', length), Ct));

        Assert.Equal(ErrorCodes.TooLong, refused.Code);
        await client.SendAsync("r", "短", Ct);
        Assert.Equal([ConnectionState.Connecting, ConnectionState.Online], states.States);
    }

    [Fact]
    public async Task The_same_nonce_with_another_text_is_a_conflict()
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = new FrameProxy(server.Address);
        var cookies = await server.SignInCookiesAsync("alice");
        await using var rival = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        proxy.FromClient = async text =>
        {
            var frame = System.Text.Json.Nodes.JsonNode.Parse(text)!;
            if ((string?)frame["type"] == "send")
            {
                await rival.SendAsync(new { type = "send", room = "r", message = "mine was first", nonce = (string?)frame["nonce"] });
                await rival.ReceiveAsync("ack");
            }
        };
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = proxy.Address, Cookie = cookies.GetCookieHeader(server.Address) });

        var refused = await Assert.ThrowsAsync<TeahouseException>(() => client.SendAsync("r", "second", Ct));

        Assert.Equal(ErrorCodes.Conflict, refused.Code);
    }

    [Fact]
    public async Task A_room_one_may_not_enter_is_refused_and_others_go_on()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.SignInAsync("alice");
        await browser.CreateRoomAsync("secret", "private");
        await using var guest = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "g" });

        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<TeahouseException>(() => guest.JoinAsync("secret", Ct))).Code);
        Assert.Equal(ErrorCodes.BadRoom, (await Assert.ThrowsAsync<TeahouseException>(() => guest.JoinAsync("not a name", Ct))).Code);
        using var open = await guest.JoinAsync("open", Ct);
        await Assert.ThrowsAsync<InvalidOperationException>(() => guest.JoinAsync("Open", Ct));
        open.Dispose();
        using var again = await guest.JoinAsync("open", Ct);
        await Assert.ThrowsAsync<TeahouseException>(() => guest.SendAsync("secret", "x", Ct));
    }

    [Fact]
    public async Task A_room_that_is_deleted_ends_with_an_error_and_others_go_on()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.SignInAsync("alice");
        await browser.CreateRoomAsync("doomed", "members");
        await browser.CreateRoomAsync("lasting", "members");
        await using var bob = await ConnectAsync(server, "bob");
        var doomed = new RoomReader(await bob.JoinAsync("doomed", Ct));
        var lasting = new RoomReader(await bob.JoinAsync("lasting", Ct));

        await browser.PostFormAsync("/room/doomed/settings/", ("act", "delete"), ("typed_name", "doomed"));
        var error = await Assert.ThrowsAsync<TeahouseException>(() => doomed.Ended.WaitAsync(Patience, Ct));

        Assert.Equal(ErrorCodes.BadRoom, error.Code);
        var receipt = await lasting.Room.SendAsync("still here", Ct);
        await lasting.ReachAsync(receipt.Seq);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_gets_the_room_as_it_is_now()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")]);
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "g", WaitingEvents = 10, KnownMessages = 20 });
        using var room = await client.JoinAsync("r", Ct);
        for (var i = 1; i <= 40; i++)
        {
            await room.SendAsync($"{i}", Ct);
        }
        await client.PingAsync(Ct);

        var reader = new RoomReader(room);
        var reset = await reader.NextAsync<RoomReset>(reset => reset.Reason == ResetReason.SlowReader);
        await reader.ReachAsync(40);

        Assert.True(reset.Messages.Count <= 20);
        Assert.Equal(Enumerable.Range((int)reader.Messages[0].Seq, reader.Messages.Count).Select(i => $"{i}"), reader.Texts);
        Assert.Equal(20, room.Messages.Count);
    }

    [Fact]
    public async Task Many_rooms_are_joined_at_the_pace_the_server_allows()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "5"), ("LIMIT_MESSAGES_BURST", "3")]);
        await using var proxy = new FrameProxy(server.Address);
        var refusals = 0;
        proxy.FromServer = text => !text.Contains("rate_limited", StringComparison.Ordinal) || Interlocked.Increment(ref refusals) > 0;
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = proxy.Address, Nickname = "g" });

        var rooms = await Task.WhenAll(Enumerable.Range(1, 90).Select(i => client.JoinAsync($"r{i}", Ct))).WaitAsync(Patience, Ct);

        Assert.Equal(90, rooms.Select(room => room.Name).Distinct().Count());
        Assert.InRange(refusals, 1, 90);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_steadily()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")]);
        await using var proxy = new FrameProxy(server.Address);
        var refusals = 0;
        proxy.Reword = text => text.Contains("\"ack\"", StringComparison.Ordinal) && ++refusals <= 10
            ? $$"""{"type":"error","code":"busy","nonce":"{{JsonNode.Parse(text)!["nonce"]}}","retry_ms":50}"""
            : text;
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = proxy.Address, Nickname = "g" });

        // Twice as long each time, it would take 9.5 s.
        var receipt = await client.SendAsync("r", "patient", Ct).WaitAsync(TimeSpan.FromSeconds(5), Ct);

        Assert.Equal(1, receipt.Seq);
        Assert.Equal(11, refusals);
    }

    [Fact]
    public async Task A_nickname_that_is_a_users_is_refused_for_good()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "Alice" });

        Assert.Equal(ErrorCodes.BadNickname, (await Assert.ThrowsAsync<TeahouseException>(() => client.JoinAsync("r", Ct))).Code);
        await Assert.ThrowsAsync<TeahouseException>(() => client.Completion);
    }

    [Fact]
    public async Task Without_a_server_calls_wait_can_be_given_up_and_disposing_is_quick()
    {
        // Whoever would wait for the next try would wait for an hour.
        var client = new TeahouseClient(new TeahouseClientOptions
        {
            Server = new Uri("http://127.0.0.1:9"),
            Nickname = "g",
            WaitingSends = 1,
            FirstRetry = TimeSpan.FromHours(1),
            LongestRetry = TimeSpan.FromHours(1),
        });
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var joining = client.JoinAsync("a", Ct);
        var sending = client.SendAsync("a", "x", Ct);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.JoinAsync("b", soon.Token));
        Assert.Equal(ErrorCodes.OutboxFull, (await Assert.ThrowsAsync<TeahouseException>(() => client.SendAsync("b", "x", Ct))).Code);
        Assert.Equal(ErrorCodes.ConnectionLost, (await Assert.ThrowsAsync<TeahouseException>(() => client.PingAsync(Ct))).Code);
        await client.DisposeAsync().AsTask().WaitAsync(Patience, Ct);
        Assert.Equal(ErrorCodes.Closed, (await Assert.ThrowsAsync<TeahouseException>(() => joining)).Code);
        Assert.Equal(ErrorCodes.Closed, (await Assert.ThrowsAsync<TeahouseException>(() => sending)).Code);
        Assert.Equal(ErrorCodes.Closed, (await Assert.ThrowsAsync<TeahouseException>(() => client.SendAsync("a", "x", Ct))).Code);
        await client.DisposeAsync();
        await client.Completion;
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TeahouseClient(new TeahouseClientOptions { Server = new Uri("ftp://x") }));
        Assert.Throws<ArgumentException>(() => new TeahouseClient(new TeahouseClientOptions { Server = new Uri("http://x"), Cookie = "a=b", Nickname = "g" }));
    }

    private static async Task<TeahouseClient> ConnectAsync(TestServer server, string user)
    {
        CookieContainer cookies = await server.SignInCookiesAsync(user);
        return new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Cookie = cookies.GetCookieHeader(server.Address) });
    }
}
