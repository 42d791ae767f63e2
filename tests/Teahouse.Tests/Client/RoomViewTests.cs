using Teahouse.Client;

namespace Teahouse.Tests.Client;

[Trait("Transport", "Any")]
public sealed class RoomViewTests
{
    private readonly RoomView _view = new(capacity: 5);

    [Fact]
    public void The_first_answer_begins_the_view()
    {
        var events = _view.Apply(Answer(rev: 3, lastSeq: 3, Message(1, 1), Message(2, 2), Message(3, 3)));

        var reset = Assert.IsType<RoomReset>(Assert.Single(events));
        Assert.Equal(ResetReason.Joined, reset.Reason);
        Assert.Equal([1, 2, 3], reset.Messages.Select(message => message.Seq));
        Assert.Equal(3, _view.Rev);
    }

    [Fact]
    public void A_change_is_applied_once_and_in_turn()
    {
        _view.Apply(Answer(rev: 1, lastSeq: 1, Message(1, 1)));

        Assert.IsType<MessageArrived>(Live(2, 2));
        Assert.Null(Live(2, 2));
        Assert.Null(Live(1, 1));
        Assert.False(_view.HasGap);
        Assert.Equal("changed", Assert.IsType<MessageChanged>(Live(1, 3, "changed")).Message.Text);
        Assert.Equal(["changed", "m2"], _view.Messages.Select(message => message.Text));
    }

    [Fact]
    public void A_gap_is_shown_only_when_it_is_filled()
    {
        _view.Apply(Answer(rev: 1, lastSeq: 1, Message(1, 1)));

        Assert.Null(Live(3, 3));
        Assert.True(_view.HasGap);
        Assert.Equal(1, _view.Rev);

        var events = _view.Apply(Answer(rev: 3, lastSeq: 3, Message(2, 2), Message(3, 3)));
        Assert.Equal([2, 3], events.Cast<MessageArrived>().Select(arrived => arrived.Message.Seq));
        Assert.False(_view.HasGap);
    }

    [Fact]
    public void New_messages_come_in_their_order_though_an_earlier_one_changed_later()
    {
        _view.Apply(Answer(rev: 2, lastSeq: 2, Message(1, 1), Message(2, 2)));

        var events = _view.Apply(Answer(rev: 6, lastSeq: 4, Message(4, 4), Message(3, 5), Message(1, 6, "")));

        Assert.Equal(["3 new", "4 new", "1 changed"], events.Select(each => each switch
        {
            MessageArrived { Message: var message } => $"{message.Seq} new",
            MessageChanged { Message: var message } => $"{message.Seq} changed",
            _ => "?",
        }));
        Assert.Equal(6, _view.Rev);
    }

    [Fact]
    public void A_reset_forgets_everything()
    {
        _view.Apply(Answer(rev: 2, lastSeq: 2, Message(1, 1), Message(2, 2)));

        var events = _view.Apply(Answer(rev: 900, lastSeq: 901, Message(900, 899), Message(901, 900)) with { Reset = true });

        var reset = Assert.IsType<RoomReset>(Assert.Single(events));
        Assert.Equal(ResetReason.Missed, reset.Reason);
        Assert.Equal([900, 901], _view.Messages.Select(message => message.Seq));
        Assert.IsType<MessageArrived>(Live(902, 901));
    }

    [Fact]
    public void Another_history_is_a_reset_even_when_the_server_does_not_say_so()
    {
        _view.Apply(Answer(rev: 1, lastSeq: 1, Message(1, 1)));

        var events = _view.Apply(Answer(rev: 2, lastSeq: 2, Message(2, 2)) with { Epoch = "other" });

        Assert.IsType<RoomReset>(Assert.Single(events));
        Assert.Equal([2], _view.Messages.Select(message => message.Seq));
    }

    [Fact]
    public void An_answer_with_a_hole_is_not_believed_but_asked_for_anew()
    {
        _view.Apply(Answer(rev: 1, lastSeq: 1, Message(1, 1)));

        Assert.Empty(_view.Apply(Answer(rev: 4, lastSeq: 4, Message(3, 3), Message(4, 4))));
        Assert.True(_view.HasGap);
        Assert.Null(_view.Rev);

        Assert.IsType<RoomReset>(Assert.Single(_view.Apply(Answer(rev: 4, lastSeq: 4, Message(3, 3), Message(4, 4)))));
        Assert.False(_view.HasGap);
    }

    [Fact]
    public void Only_the_latest_messages_are_kept()
    {
        _view.Apply(Answer(rev: 0, lastSeq: 0));
        for (var i = 1; i <= 8; i++)
        {
            Live(i, i);
        }

        Assert.Equal([4, 5, 6, 7, 8], _view.Messages.Select(message => message.Seq));
        Assert.IsType<MessageChanged>(Live(1, 9, ""));
        Assert.Equal(5, _view.Messages.Count);
    }

    [Theory]
    [InlineData(5L, false)]
    [InlineData(6L, true)]
    [InlineData(null, true)]
    public void A_heartbeat_shows_what_was_lost(long? head, bool isGap)
    {
        _view.Apply(Answer(rev: 5, lastSeq: 0));

        _view.Compare(head);

        Assert.Equal(isGap, _view.HasGap);
    }

    private RoomEvent? Live(long seq, long rev, string? text = null) => _view.Apply(Message(seq, rev, text).ToMessage());

    private static SubscribedFrame Answer(long rev, long lastSeq, params MessageFrame[] messages) => new("r", rev, "epoch", lastSeq, 0, 1, [], messages, Reset: false);

    private static MessageFrame Message(long seq, long rev, string? text = null) =>
        new("r", seq + 100, seq, rev, "alice", null, false, false, text ?? $"m{seq}", DateTimeOffset.UnixEpoch, null, text == "", null, null);
}
