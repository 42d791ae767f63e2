using System.Buffers.Binary;
using Microsoft.Extensions.Configuration;
using Teahouse.Realtime;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Realtime;

/// <summary>Clients that fall behind, to the byte and the second: what is kept for them, when they are given up, and what they get when they catch up.</summary>
[Trait("Transport", "Any")]
public sealed partial class SlowConnectionTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly GatedWire _wire;
    private readonly Connection _connection;
    private readonly ConnectionRegistry _registry;
    private readonly Topic _room = Topic.Room("r");
    private readonly List<(long After, long Reached)> _refills = [];
    private long _said;

    public SlowConnectionTests()
    {
        var settings = Settings.Read(new ConfigurationBuilder().Build());
        (_wire, _connection) = GatedWire.Connect(settings, _clock);
        _registry = new ConnectionRegistry(settings, new NoBackplane());
        _registry.Add(_connection);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1025)]
    [InlineData(5000)]
    public async Task However_far_behind_it_gets_everything_once_and_in_order(int said)
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);

        Say(said);
        _wire.Take(1000);
        await Eventually.TrueAsync(() => _wire.Taken.Count >= said + 1);

        Assert.Equal(Enumerable.Range(1, said + 1).Select(rev => (long)rev), _wire.Taken.Select(RevOf));
        // Out of the ring of 1,024 events it is served from the database; within it, it is not.
        Assert.Equal(said > 1024, _refills.Count > 0);
    }

    [Fact]
    public async Task Who_falls_out_of_the_ring_again_while_it_is_refilled_gets_everything_too()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);
        for (var i = 0; i < 5; i++)
        {
            Say(1500);
            _wire.Take();
            var before = _said;
            await Eventually.TrueAsync(() => _refills.Count > i || _wire.Taken.Count == before);
        }

        _wire.Take(1000);
        await Eventually.TrueAsync(() => _wire.Taken.Count >= _said);

        Assert.Equal(Enumerable.Range(1, (int)_said).Select(rev => (long)rev), _wire.Taken.Select(RevOf));
    }

    [Fact]
    public async Task Over_a_mebibyte_behind_is_too_slow_and_who_takes_what_was_under_way_sees_why()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);
        Say(60, 16_000);
        CareAfter(0);
        Assert.False(_connection.IsClosing);

        Say(10, 16_000);
        CareAfter(0);
        Assert.True(_connection.IsClosing);
        CareAfter(14);
        _wire.Take(2);
        await Eventually.TrueAsync(() => _wire.IsCloseWritten);

        Assert.False(_wire.IsAborted);
        // What was being written when it was given up, and nothing after it.
        Assert.Equal([1, 8], _wire.Taken.Select(frame => frame.Opcode));
        Assert.Equal(4408, BinaryPrimitives.ReadUInt16BigEndian(_wire.Taken[^1].Payload));
    }

    [Fact]
    public async Task Who_takes_nothing_is_too_slow_after_15_seconds_and_dropped_after_15_more()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);

        CareAfter(14.9);
        Assert.False(_connection.IsClosing);
        CareAfter(0.2);
        Assert.True(_connection.IsClosing);
        CareAfter(14.9);
        Assert.False(_wire.IsAborted);
        CareAfter(0.2);

        Assert.True(_wire.IsAborted);
    }

    [Fact]
    public async Task Answers_that_nobody_takes_are_kept_up_to_a_mebibyte()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);

        for (var i = 0; i < 64; i++)
        {
            _connection.Send(new byte[16_000]);
        }
        Assert.False(_connection.IsClosing);
        for (var i = 0; i < 4; i++)
        {
            _connection.Send(new byte[16_000]);
        }

        Assert.True(_connection.IsClosing);
    }

    [Fact]
    public async Task One_large_answer_is_no_sign_of_a_slow_reader_but_another_that_comes_behind_it_is()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);

        _connection.Send(new byte[1_400_000]);
        CareAfter(0);
        Assert.False(_connection.IsClosing);
        var room = _connection.HasRoomAsync();
        Assert.False(room.IsCompleted);
        _wire.Take(2);
        await room.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => _wire.Taken.Count == 2);
        Assert.Equal(1_400_000, _wire.Taken[^1].Payload.Length);

        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);
        _connection.Send(new byte[1_400_000]);
        _connection.Send("{}"u8);
        Assert.True(_connection.IsClosing);
    }

    [Fact]
    public async Task Who_takes_a_part_of_what_it_is_given_is_slow_but_alive()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);

        _clock.Advance(TimeSpan.FromSeconds(14));
        _connection.SeeTaken();
        CareAfter(14);
        Assert.False(_connection.IsClosing);
        CareAfter(2);

        Assert.True(_connection.IsClosing);
    }

    [Fact]
    public async Task A_mistake_of_ours_closes_the_socket_and_says_so()
    {
        Exception? told = null;
        _connection.Failed = error => told = error;
        _wire.Take();

        using var reader = _connection.CreateReader();
        var done = await _connection.ActAsync(InboundKind.Text, "{}"u8.ToArray(), reader, _ => throw new InvalidOperationException("a mistake"));

        Assert.False(done);
        Assert.IsType<InvalidOperationException>(told);
        await Eventually.TrueAsync(() => _wire.IsCloseWritten);
        Assert.Equal(1011, BinaryPrimitives.ReadUInt16BigEndian(_wire.Taken[^1].Payload));
    }

    [Fact]
    public async Task A_quiet_peer_is_asked_after_20_seconds_and_left_after_20_more()
    {
        _wire.Take(1000);
        CareAfter(19.9);
        Assert.Empty(_wire.Taken);
        CareAfter(0.2);
        await Eventually.TrueAsync(() => _wire.Taken.Count == 1);
        Assert.Equal(9, _wire.Taken[0].Opcode);

        CareAfter(19.9);
        Assert.False(_connection.IsClosing);
        CareAfter(0.2);
        await Eventually.TrueAsync(() => _wire.IsCloseWritten);

        Assert.Equal(4414, BinaryPrimitives.ReadUInt16BigEndian(_wire.Taken[^1].Payload));
    }

    [Fact]
    public async Task A_pong_that_is_behind_what_is_still_being_done_is_waited_for()
    {
        _wire.Take(1000);
        CareAfter(21);
        await Eventually.TrueAsync(() => _wire.Taken.Count == 1);
        _connection.BeginActing();

        CareAfter(21);
        Assert.False(_connection.IsClosing);

        _connection.EndActing();
        CareAfter(2.9);
        Assert.False(_connection.IsClosing);
        CareAfter(0.2);
        Assert.True(_connection.IsClosing);
    }

    [Fact]
    public async Task Whoever_asks_for_something_now_and_then_has_to_answer_pings_all_the_same()
    {
        _wire.Take(1000);
        CareAfter(21);
        await Eventually.TrueAsync(() => _wire.Taken.Count == 1);

        for (var i = 0; i < 3; i++)
        {
            _connection.BeginActing();
            CareAfter(1);
            _connection.EndActing();
            CareAfter(5);
            Assert.False(_connection.IsClosing);
        }
        CareAfter(4);

        Assert.Equal(CloseCode.NoPong, _connection.ClosedWith);
    }

    [Fact]
    public async Task Whoever_takes_nothing_is_not_excused_by_what_it_has_asked_for()
    {
        var settings = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("SOCKET_STALL_SECONDS", "0")]).Build());
        var (_, connection) = GatedWire.Connect(settings, _clock);
        using var owned = connection;
        connection.BeginActing();
        CareAfter(21, connection);
        await Eventually.TrueAsync(() => connection.IsWaitingForPeer);

        CareAfter(21, connection);

        Assert.Equal(CloseCode.NoPong, connection.ClosedWith);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _wire.Dispose();
    }

    private void Listen(RefillFeed? refill = null) =>
        _registry.Subscribe(_connection, _room, "r", refill ?? RefillAsync)!.GoLive(0);

    /// <summary>Time passes, and somebody looks.</summary>
    private void CareAfter(double seconds, Connection? connection = null)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        (connection ?? _connection).Care(_clock.GetTimestamp());
    }

    private void Say(int count, int size = 100)
    {
        for (var i = 0; i < count; i++)
        {
            _registry.Publish(_room, Event(++_said, size));
        }
    }

    /// <summary>What the database would give: at most 200 at once, up to what is committed.</summary>
    private Task<Refill> RefillAsync(long after, CancellationToken ct)
    {
        var head = _said;
        var reached = Math.Min(head, after + 200);
        _refills.Add((after, reached));
        return Task.FromResult(new Refill([.. Enumerable.Range(1, (int)(reached - after)).Select(i => Event(after + i, 100))], reached, reached < head));
    }

    private static EncodedEvent Event(long rev, int size)
    {
        var payload = new byte[size];
        BinaryPrimitives.WriteInt64BigEndian(payload, rev);
        return new EncodedEvent(rev, default, WireFrame.Encode(WireFrame.Text, payload));
    }

    private static long RevOf((int Opcode, byte[] Payload) frame) => BinaryPrimitives.ReadInt64BigEndian(frame.Payload);
}
