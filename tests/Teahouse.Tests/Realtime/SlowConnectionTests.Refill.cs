using System.Buffers.Binary;
using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>What may happen to one who is given old messages from the database, a piece at a time.</summary>
public sealed partial class SlowConnectionTests
{
    [Fact]
    public async Task Who_is_too_slow_while_it_gets_old_messages_gets_no_more_of_them()
    {
        await BeginRefillAsync();
        Say(70, 16_000);

        CareAfter(0);
        _wire.Take(1000);
        await Eventually.TrueAsync(() => _wire.IsCloseWritten);

        // The piece that was being written, which two reads have filled.
        Assert.Equal(2, _refills.Count);
        Assert.Equal(4408, BinaryPrimitives.ReadUInt16BigEndian(_wire.Taken[^1].Payload));
    }

    [Fact]
    public async Task Who_is_put_out_while_it_gets_old_messages_gets_no_more_of_them()
    {
        await BeginRefillAsync();

        _registry.Unsubscribe(_connection, _room);
        _connection.Send("\"bye\""u8);
        _wire.Take(1000);
        await Eventually.TrueAsync(() => _wire.Taken.Count > 0 && _wire.Taken[^1].Payload.SequenceEqual("\"bye\""u8.ToArray()));

        // The piece that was being written.
        Assert.Equal(1 + 400 + 1, _wire.Taken.Count);
        Assert.Equal(2, _refills.Count);
    }

    [Fact]
    public async Task What_is_its_own_does_not_wait_for_the_end_of_old_messages()
    {
        await BeginRefillAsync();

        _connection.Send("\"pong\""u8);
        _wire.Take(1000);
        await Eventually.TrueAsync(() => _wire.Taken.Count == 1 + 4000 + 1);

        Assert.Equal(401, _wire.Taken.Index().First(frame => frame.Item.Payload.SequenceEqual("\"pong\""u8.ToArray())).Index);
    }

    [Fact]
    public async Task Who_cannot_be_refilled_is_asked_to_come_back_behind_what_it_was_to_get_before()
    {
        Listen(static (_, _) => throw new RefusedException(Refusal.Busy));
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);
        Say(1);
        _said++;
        Say(1);
        _connection.Send("{}"u8);

        _wire.Take(1000);
        await Eventually.TrueAsync(() => _wire.IsCloseWritten);

        var taken = _wire.Taken;
        Assert.Equal((4, 1L, "{}", 2L), (taken.Count, RevOf(taken[0]), Encoding.UTF8.GetString(taken[1].Payload), RevOf(taken[2])));
        Assert.Equal((8, 1012), (taken[3].Opcode, BinaryPrimitives.ReadUInt16BigEndian(taken[3].Payload)));
    }

    [Fact]
    public async Task A_mistake_in_its_refill_ends_it_and_is_told_of()
    {
        Exception? told = null;
        _connection.Failed = error => told = error;
        Listen(static (_, _) => throw new InvalidCastException());
        _said++;
        Say(1);

        await Eventually.TrueAsync(() => _wire.IsAborted);

        Assert.IsType<InvalidCastException>(told);
    }

    /// <summary>It is far behind, and a first piece of what it lacks, which two reads have filled, waits for its peer.</summary>
    private async Task BeginRefillAsync()
    {
        Listen();
        Say(1);
        await Eventually.TrueAsync(() => _connection.IsWaitingForPeer);
        Say(4000);
        _wire.Take();
        await Eventually.TrueAsync(() => _refills.Count == 2 && _connection.IsWaitingForPeer);
    }
}
