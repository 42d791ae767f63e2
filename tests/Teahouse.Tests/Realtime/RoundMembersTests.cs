using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>Those who keep step with their room's rounds are sent to without a look at anything else: what would give them too much, too little, or a stranger's words.</summary>
public sealed class RoundMembersTests
{
    private readonly StillRounds _loop = new();
    private readonly Feed _room = new(Topic.Room("r"));
    private readonly Feed _other = new(Topic.Room("o"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Who_leaves_during_a_round_costs_nobody_a_message_and_gives_nobody_one_twice(int leaver)
    {
        var peers = Enumerable.Range(0, 6).Select(_ => _loop.Connect()).ToList();
        var subscriptions = peers.Select(peer => peer.Join(_room)).ToList();
        Say(_room, 1);
        Say(_room, 2);

        _room.Append(Event(3));
        _loop.Serve(_room, atOnce: 2, between: () => _room.Remove(subscriptions[leaver]));
        Say(_room, 4);

        Assert.All(peers.Where((_, i) => i != leaver), peer => Assert.Equal([1, 2, 3, 4], peer.Taken));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Who_comes_during_a_round_gets_what_comes_after(int served)
    {
        var peers = Enumerable.Range(0, 4).Select(_ => _loop.Connect()).ToList();
        peers.ForEach(peer => peer.Join(_room));
        Say(_room, 1);
        var late = _loop.Connect();

        _room.Append(Event(2));
        _loop.Serve(_room, atOnce: served + 1, between: () => late.Join(_room));
        Say(_room, 3);

        Assert.All(peers, peer => Assert.Equal([1, 2, 3], peer.Taken));
        Assert.Equal([3], late.Taken);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 2, false)]
    [InlineData(2, 2, false)]
    [InlineData(2, 2, true)]
    public void What_is_cut_short_in_one_room_is_whole_before_the_other_room_goes_on(int before, int beforeInOther, bool isPlain)
    {
        var peer = _loop.Connect(isPlain);
        peer.Join(_room);
        peer.Join(_other);
        for (var rev = 1; rev <= before; rev++)
        {
            Say(_room, rev);
        }
        for (var rev = 1; rev <= beforeInOther; rev++)
        {
            Say(_other, rev);
        }
        var soFar = peer.Taken.Count;

        peer.Window = 3;
        _room.Append(Event(before + 1, length: 5, mark: 100));
        _loop.Serve(_room);
        peer.Window = 2;
        _other.Append(Event(beforeInOther + 1, length: 2, mark: 200));
        _loop.Serve(_other);
        peer.Open();

        Assert.Equal([100, 100, 100, 100, 100, 200, 200], peer.Taken.Skip(soFar));
    }

    [Fact]
    public void Who_was_behind_for_a_while_keeps_step_again_and_has_everything()
    {
        var peer = _loop.Connect();
        var subscription = peer.Join(_room);
        Say(_room, 1);
        peer.Window = 0;
        Say(_room, 2);
        Say(_room, 3);
        Say(_room, 4);
        Assert.Equal(2, _room.BytesBehind(subscription));

        peer.Open();
        Say(_room, 5);
        Say(_room, 6);

        Assert.Equal([1, 2, 3, 4, 5, 6], peer.Taken);
        Assert.Equal(0, _room.BytesBehind(subscription));
        // The first one, those behind, and the one that brought it into step again are the connection's own.
        Assert.Equal(6, peer.Connection.Delivered + _room.Delivered);
    }

    [Fact]
    public void Who_may_not_listen_any_more_gets_nothing_more()
    {
        var (gone, stays) = (_loop.Connect(), _loop.Connect());
        var subscription = gone.Join(_room);
        stays.Join(_room);
        Say(_room, 1);

        subscription.Stop();
        Say(_room, 2);

        Assert.Equal([1], gone.Taken);
        Assert.Equal([1, 2], stays.Taken);
    }

    [Fact]
    public void Who_may_not_listen_any_more_does_not_begin_to()
    {
        var peer = _loop.Connect();
        var subscription = new Subscription(peer.Connection, _room, label: null, refill: null);
        peer.Connection.TryAdd(subscription);
        _room.Add(subscription);

        subscription.Stop();
        _room.Append(Event(1));
        subscription.GoLive(0);
        _loop.RunPosts();
        _loop.Serve(_room);

        Assert.Empty(peer.Taken);
    }

    [Fact]
    public void Who_cannot_be_sent_to_any_more_is_given_up()
    {
        var peer = _loop.Connect();
        peer.Join(_room);
        Say(_room, 1);

        peer.Fails = true;
        Say(_room, 2);

        Assert.True(peer.Connection.HasEnded);
        Assert.Equal([1], peer.Taken);
    }

    [Fact]
    public void Nothing_is_handed_to_who_is_being_closed()
    {
        var peer = _loop.Connect();
        peer.Join(_room);
        Say(_room, 1);

        peer.Connection.Close(CloseCode.SessionEnded);
        _room.Append(Event(2));
        _loop.Serve(_room);

        Assert.Equal([1], peer.Taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_sent_by_a_number_that_was_given_back(bool afterANotice)
    {
        // Its end is known before anybody has taken it out of the rooms.
        var peer = _loop.Connect(plain: true);
        peer.Join(_room);
        peer.Join(_other);
        Say(_room, 1);
        Say(_other, 1);

        peer.End();
        if (afterANotice)
        {
            // Nothing for old clients: nothing that could fail.
            _room.Append(Event(2, length: 0));
            _loop.Serve(_room);
        }
        Say(_room, afterANotice ? 3 : 2);
        Say(_other, 2);

        Assert.Equal([1, 1], peer.Taken);
    }

    [Fact]
    public void Nothing_follows_the_closing_frame()
    {
        var peer = _loop.Connect();
        peer.Join(_room);
        Say(_room, 1);

        peer.Connection.Close(CloseCode.Restart);
        _loop.RunPosts();
        Say(_room, 2);

        Assert.Equal([1, .. WireFrame.EncodeClose(CloseCode.Restart).ToArray()], peer.Taken);
    }

    [Fact]
    public void What_the_room_no_longer_holds_is_read_from_the_database()
    {
        List<long> asked = [];
        var peers = Enumerable.Range(0, 3).Select(_ => _loop.Connect()).ToList();
        peers.ForEach(peer => peer.Join(_room, (after, _) =>
        {
            asked.Add(after);
            return Task.FromResult(new Refill([Event(3, mark: 33), Event(4, mark: 44)], 4, More: false));
        }));
        Say(_room, 1);
        Say(_room, 2);

        _room.Append(Event(3));
        _room.Append(Event(4) with { Forgets = 3 });
        _loop.Serve(_room);
        _loop.RunPosts();

        Assert.All(peers, peer => Assert.Equal([1, 2, 33, 44], peer.Taken));
        Assert.Equal([2, 2, 2], asked);
    }

    [Fact]
    public void Who_keeps_step_has_nothing_to_take_for_itself()
    {
        var subscription = _loop.Connect().Join(_room);
        Say(_room, 1);
        Say(_room, 2);
        Say(_room, 3);
        List<EncodedEvent> taken = [];

        Assert.Equal(FeedState.UpToDate, _room.Take(subscription, taken, 1000));

        Assert.Empty(taken);
        Assert.Equal(3, subscription.LastRev);
    }

    [Fact]
    public void What_comes_before_the_first_message_costs_no_look_at_the_database()
    {
        var peer = _loop.Connect();
        peer.Join(_room, (_, _) => throw new InvalidOperationException("There is nothing to look for."));

        Say(_room, 0);
        Say(_room, 1);
        Say(_room, 2);

        Assert.Equal([0, 1, 2], peer.Taken);
    }

    [Fact]
    public async Task Who_waits_for_the_database_is_not_written_to_past_it()
    {
        var read = new TaskCompletionSource<Refill>();
        var peer = _loop.Connect();
        peer.Join(_room, (_, _) => read.Task);
        peer.Join(_other);
        Say(_room, 1);
        Say(_other, 1);

        _room.Append(Event(2));
        _room.Append(Event(3) with { Forgets = 2 });
        _loop.Serve(_room);
        _loop.RunPosts();
        Say(_other, 2);
        Assert.Equal([1, 1], peer.Taken);
        read.SetResult(new Refill([Event(2, mark: 22), Event(3, mark: 33)], 3, More: false));

        await Eventually.TrueAsync(() =>
        {
            _loop.RunPosts();
            return peer.Taken.Count == 5;
        });
        Assert.Equal([1, 1, 22, 33, 2], peer.Taken);
    }

    private void Say(Feed feed, long rev)
    {
        feed.Append(Event(rev));
        _loop.Serve(feed);
        _loop.RunPosts();
    }

    private static EncodedEvent Event(long rev, int length = 1, byte? mark = null)
    {
        var bytes = Enumerable.Repeat(mark ?? (byte)rev, length).ToArray();
        return new EncodedEvent(rev, bytes, length == 0 ? "notice"u8.ToArray() : bytes);
    }
}
