using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Client;

/// <summary>The library over a bad network: it comes back by itself and its user misses nothing.</summary>
[Trait("Speed", "Medium")]
public sealed class ReconnectTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly (string, string)[] NoLimits = [("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_cut_what_was_missed_comes_first_and_once()
    {
        await using var server = await TestServer.StartAsync(NoLimits);
        await using var proxy = new FrameProxy(server.Address);
        await using var away = Guest(proxy.Address, "away");
        await using var there = Guest(server.Address, "there");
        var reader = new RoomReader(await away.JoinAsync("r", Ct));
        await there.SendAsync("r", "1", Ct);
        await reader.ReachAsync(1);

        proxy.IsDown = true;
        proxy.Cut();
        await reader.NextAsync<ConnectionLost>();
        await there.SendAsync("r", "2", Ct);
        await there.SendAsync("r", "3", Ct);
        var sending = away.SendAsync("r", "4", Ct);
        proxy.IsDown = false;
        await reader.NextAsync<ConnectionRestored>();

        Assert.Equal(["1", "2", "3"], reader.Texts.Take(3));
        Assert.Equal(4, (await sending).Seq);
        await reader.ReachAsync(4);
        Assert.Equal(["1", "2", "3", "4"], reader.Texts);
    }

    [Fact]
    public async Task An_ack_that_was_lost_is_asked_for_again_and_the_message_is_there_once()
    {
        await using var server = await TestServer.StartAsync([.. NoLimits, ("SOCKET_HEARTBEAT_SECONDS", "0.2")]);
        await using var proxy = new FrameProxy(server.Address);
        var swallowed = 0;
        proxy.FromServer = text => !text.Contains("\"ack\"", StringComparison.Ordinal) || Interlocked.Increment(ref swallowed) > 1;
        await using var client = new TeahouseClient(Options(proxy.Address, "g") with { AnswerTimeout = TimeSpan.FromMilliseconds(300) });

        var first = client.SendAsync("r", "first", Ct);
        var second = client.SendAsync("r", "second", Ct);

        Assert.Equal(1, (await first.WaitAsync(Patience, Ct)).Seq);
        Assert.Equal(2, (await second.WaitAsync(Patience, Ct)).Seq);
        using var room = await client.JoinAsync("r", Ct);
        Assert.Equal(["first", "second"], room.Messages.Select(message => message.Text));
        Assert.True(proxy.Connections > 1);
    }

    [Fact]
    public async Task A_send_whose_answer_was_lost_is_not_repeated_for_a_visitor_the_server_cannot_know_again()
    {
        await using var server = await TestServer.StartAsync(NoLimits);
        await using var proxy = new FrameProxy(server.Address);
        await using var visitor = new TeahouseClient(Options(proxy.Address, null));
        using var room = await visitor.JoinAsync("r", Ct);
        proxy.FromServer = text =>
        {
            if (text.Contains("\"ack\"", StringComparison.Ordinal))
            {
                proxy.FromServer = _ => true;
                proxy.Cut();
                return false;
            }
            return true;
        };

        var lost = await Assert.ThrowsAsync<TeahouseException>(() => visitor.SendAsync("r", "once", Ct).WaitAsync(Patience, Ct));

        Assert.Equal(ErrorCodes.ConnectionLost, lost.Code);
        await visitor.SendAsync("r", "next", Ct);
        var reader = new RoomReader(room);
        await reader.ReachAsync(2);
        Assert.Equal(["once", "next"], reader.Texts);
    }

    [Fact]
    public async Task A_lost_event_shows_at_the_next_one()
    {
        // No heartbeat that would show it too.
        await using var server = await TestServer.StartAsync([.. NoLimits, ("SOCKET_HEARTBEAT_SECONDS", "600")]);
        await using var proxy = new FrameProxy(server.Address);
        await using var client = Guest(proxy.Address, "g");
        await using var writer = Guest(server.Address, "w");
        var reader = new RoomReader(await client.JoinAsync("r", Ct));
        proxy.FromServer = text => !text.Contains("swallowed", StringComparison.Ordinal) || text.Contains("\"subscribed\"", StringComparison.Ordinal);

        await writer.SendAsync("r", "swallowed", Ct);
        await writer.SendAsync("r", "seen", Ct);
        await reader.ReachAsync(2);

        Assert.Equal(["swallowed", "seen"], reader.Texts);
        // One for the guest pass, one for the socket: it was made whole without a new connection.
        Assert.Equal(2, proxy.Connections);
    }

    [Fact]
    public async Task A_lost_last_event_of_a_quiet_room_shows_at_the_heartbeat()
    {
        await using var server = await TestServer.StartAsync([.. NoLimits, ("SOCKET_HEARTBEAT_SECONDS", "0.3")]);
        await using var proxy = new FrameProxy(server.Address);
        await using var client = Guest(proxy.Address, "g");
        await using var writer = Guest(server.Address, "w");
        var reader = new RoomReader(await client.JoinAsync("茶館", Ct));
        proxy.FromServer = text => !text.Contains("\"type\":\"message\"", StringComparison.Ordinal);

        await writer.SendAsync("茶館", "the last", Ct);
        await reader.ReachAsync(1);

        Assert.Equal(["the last"], reader.Texts);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left()
    {
        await using var server = await TestServer.StartAsync([.. NoLimits, ("SOCKET_HEARTBEAT_SECONDS", "0.2")]);
        await using var proxy = new FrameProxy(server.Address);
        var states = new StateLog();
        await using var client = new TeahouseClient(Options(proxy.Address, "g") with { OnConnectionChanged = states.Add });
        var reader = new RoomReader(await client.JoinAsync("r", Ct));

        proxy.IsSilent = true;
        await reader.NextAsync<ConnectionLost>();
        proxy.IsSilent = false;
        await reader.NextAsync<ConnectionRestored>();

        Assert.Contains(states.Changes, change => change is { State: ConnectionState.Waiting, Reason: TimeoutException });
    }

    [Fact]
    public async Task Who_missed_too_much_is_told_to_forget_and_begins_anew()
    {
        await using var server = await TestServer.StartAsync(NoLimits);
        await using var proxy = new FrameProxy(server.Address);
        await using var client = Guest(proxy.Address, "g");
        await using var writer = Guest(server.Address, "w");
        var reader = new RoomReader(await client.JoinAsync("r", Ct));
        await writer.SendAsync("r", "0", Ct);
        await reader.ReachAsync(1);
        proxy.IsDown = true;
        proxy.Cut();
        await reader.NextAsync<ConnectionLost>();

        await Task.WhenAll(Enumerable.Range(1, 501).Select(i => writer.SendAsync("r", $"{i}", Ct)));
        proxy.IsDown = false;
        var reset = await reader.NextAsync<RoomReset>();
        await reader.NextAsync<ConnectionRestored>();

        Assert.Equal(ResetReason.Missed, reset.Reason);
        Assert.Equal(Enumerable.Range(452, 50).Select(i => $"{i}"), reader.Texts);
    }

    [Fact]
    public async Task A_room_made_anew_under_an_old_name_is_not_mixed_with_it()
    {
        await using var server = await TestServer.StartAsync(NoLimits);
        await using var proxy = new FrameProxy(server.Address);
        using var browser = await server.SignInAsync("alice");
        await browser.CreateRoomAsync("r", "guests");
        await using var client = Guest(proxy.Address, "g");
        await using var writer = Guest(server.Address, "w");
        var reader = new RoomReader(await client.JoinAsync("r", Ct));
        await reader.ReachAsync((await writer.SendAsync("r", "old", Ct)).Seq);
        proxy.IsDown = true;
        proxy.Cut();
        await reader.NextAsync<ConnectionLost>();

        await browser.PostFormAsync("/room/r/settings/", ("act", "delete"), ("typed_name", "r"));
        await browser.CreateRoomAsync("r", "guests");
        await writer.SendAsync("r", "new 1", Ct);
        await writer.SendAsync("r", "new 2", Ct);
        proxy.IsDown = false;
        await reader.NextAsync<ConnectionRestored>();

        Assert.Equal(["new 1", "new 2"], reader.Texts.Skip(1));
    }

    [Fact]
    public async Task A_mark_that_was_lost_is_said_again()
    {
        await using var server = await TestServer.StartAsync(NoLimits);
        await using var proxy = new FrameProxy(server.Address);
        var cookies = await server.SignInCookiesAsync("alice");
        await using var writer = Guest(server.Address, "w");
        await writer.SendAsync("r", "x", Ct);
        await using var alice = new TeahouseClient(Options(proxy.Address, null) with { Cookie = cookies.GetCookieHeader(server.Address) });
        var reader = new RoomReader(await alice.JoinAsync("r", Ct));
        proxy.IsDown = true;
        proxy.Cut();
        await reader.NextAsync<ConnectionLost>();

        reader.Room.MarkRead(1);
        proxy.IsDown = false;

        Assert.Equal(new ReadMarkMoved("alice", 1), await reader.NextAsync<ReadMarkMoved>());
        Assert.Equal(1, reader.Room.LastReadSeq);
    }

    private static TeahouseClient Guest(Uri server, string nickname) => new(Options(server, nickname));

    /// <summary>Quick to come back, so that tests are.</summary>
    private static TeahouseClientOptions Options(Uri server, string? nickname) => new()
    {
        Server = server,
        Nickname = nickname,
        FirstRetry = TimeSpan.FromMilliseconds(50),
        LongestRetry = TimeSpan.FromMilliseconds(300),
    };
}
