namespace Teahouse.Client;

/// <summary>What a client knows of one room: puts snapshots and changes, in whatever state they arrive, into one exact and ordered history. Does no I/O; not thread-safe.</summary>
/// <param name="capacity">How many of the latest messages are kept.</param>
internal sealed class RoomView(int capacity)
{
    /// <summary>Names kept of those who are there; a crowd is only counted.</summary>
    private const int MaxOnline = 1000;

    private readonly SortedDictionary<long, ChatMessage> _messages = [];
    private readonly HashSet<string> _online = [];
    private bool _joined;

    /// <summary>The last change applied; null before the first answer, and when all must be asked for anew.</summary>
    public long? Rev { get; private set; }

    /// <summary>Of which history <see cref="Rev"/> is.</summary>
    public string? Epoch { get; private set; }

    public long LastSeq { get; private set; }

    public long LastReadSeq { get; private set; }

    public int MembersOnline { get; private set; }

    /// <summary>Something is missing: subscribe again from <see cref="Rev"/>.</summary>
    public bool HasGap { get; private set; }

    public IReadOnlyList<ChatMessage> Messages => [.. _messages.Values];

    public IReadOnlyList<string> Online => [.. _online];

    /// <summary>Takes the answer to a subscription and returns what it means to the reader.</summary>
    public IReadOnlyList<RoomEvent> Apply(SubscribedFrame answer)
    {
        HasGap = false;
        LastReadSeq = answer.LastReadSeq;
        MembersOnline = answer.MembersOnline;
        _online.Clear();
        _online.UnionWith(answer.Online ?? []);
        var messages = (answer.Messages ?? []).Select(frame => frame.ToMessage()).OrderBy(message => message.Seq).ToList();
        if (Rev is not { } rev || answer.Reset || answer.Epoch != Epoch)
        {
            return [BeginAnew(answer, messages)];
        }
        // Live changes that came before the answer are in it too.
        var missed = messages.Where(message => message.Rev > rev).ToList();
        var arrived = missed.Where(message => message.Seq > LastSeq).ToList();
        if (LastSeq + arrived.Count != answer.LastSeq)
        {
            // Numbers have no hole, so this is not the room that was left, or not all of it. Better to begin anew than to show it.
            Rev = null;
            HasGap = true;
            return [];
        }
        // In the order of the room, not of the changes: a message written before another one may have been edited after it.
        List<RoomEvent> events = [.. arrived.Select(Keep), .. missed.Except(arrived).OrderBy(message => message.Rev).Select(Keep)];
        Rev = Math.Max(rev, answer.Rev);
        return events;
    }

    /// <summary>Takes one live change. Returns null when it is known already, or when one before it is missing: then <see cref="HasGap"/> is true.</summary>
    public RoomEvent? Apply(ChatMessage message)
    {
        if (Rev is not { } rev || message.Rev <= rev)
        {
            return null;
        }
        if (message.Rev > rev + 1)
        {
            HasGap = true;
            return null;
        }
        Rev = message.Rev;
        return Keep(message);
    }

    public ReadMarkMoved Apply(ReadFrame read, bool isOwn)
    {
        if (isOwn)
        {
            LastReadSeq = Math.Max(LastReadSeq, read.Seq);
        }
        return new ReadMarkMoved(read.User, read.Seq);
    }

    public PresenceChanged Apply(PresenceFrame presence)
    {
        MembersOnline = presence.MembersOnline;
        if (presence.User is { } user)
        {
            if (!presence.Online)
            {
                _online.Remove(user);
            }
            else if (_online.Count < MaxOnline)
            {
                _online.Add(user);
            }
        }
        return new PresenceChanged(presence.User, presence.Online, presence.MembersOnline);
    }

    /// <summary>Takes the head that a heartbeat told; null when it did not name the room, because the server has lost the subscription.</summary>
    public void Compare(long? head) => HasGap |= head is null || head > Rev;

    private RoomReset BeginAnew(SubscribedFrame answer, List<ChatMessage> messages)
    {
        var reason = _joined ? ResetReason.Missed : ResetReason.Joined;
        _joined = true;
        _messages.Clear();
        LastSeq = 0;
        messages.ForEach(message => Keep(message));
        LastSeq = answer.LastSeq;
        Rev = answer.Rev;
        Epoch = answer.Epoch;
        return new RoomReset(Messages, reason);
    }

    private RoomEvent Keep(ChatMessage message)
    {
        var isNew = message.Seq > LastSeq;
        if (isNew || _messages.ContainsKey(message.Seq))
        {
            _messages[message.Seq] = message;
        }
        if (_messages.Count > capacity)
        {
            _messages.Remove(_messages.First().Key);
        }
        LastSeq = Math.Max(LastSeq, message.Seq);
        return isNew ? new MessageArrived(message) : new MessageChanged(message);
    }
}
