namespace Teahouse.Bench.Load;

/// <summary>Watches that every member of every room gets every message once and in order: the order of each sender everywhere, and where the server numbers a room's
/// messages, numbers that rise by one and are the same for all.</summary>
internal sealed class DeliveryCheck
{
    private readonly Room[] _rooms;
    private readonly int _members;
    private readonly int _senders;

    public DeliveryCheck(int rooms, int members, int senders)
    {
        (_members, _senders) = (members, senders);
        _rooms = [.. Enumerable.Range(0, rooms).Select(_ => new Room(members, senders))];
    }

    /// <summary>Messages on their way to at least one member.</summary>
    public int Unfinished { get; private set; }

    public long Delivered { get; private set; }
    public long Doubled { get; private set; }
    public long Disordered { get; private set; }

    /// <summary>Of messages that were never sent.</summary>
    public long Unknown { get; private set; }

    /// <summary>How often a message did not arrive at a member, so far.</summary>
    public long Missing => _rooms.Sum(room => room.Arrivals.Sum(arrived => (long)(_members - arrived)));

    /// <summary>Who sends the room's next message, and its number.</summary>
    public (int Number, int Sender) Next(int room)
    {
        var number = _rooms[room].Arrivals.Count;
        return (number, number % _senders);
    }

    /// <summary>The room's next message is on its way.</summary>
    public void Sent(int room)
    {
        _rooms[room].Begin(_members);
        Unfinished++;
    }

    /// <summary>A member got a message. Returns whether it is the first time, and so counts.</summary>
    public bool Receive(int room, int member, int number, long? seq)
    {
        if (room < 0 || room >= _rooms.Length || number < 0 || number >= _rooms[room].Arrivals.Count)
        {
            Unknown++;
            return false;
        }
        var state = _rooms[room];
        if (!state.Mark((number * (long)_members) + member))
        {
            Doubled++;
            return false;
        }
        ref var lastOfSender = ref state.LastOfSender[(member * _senders) + (number % _senders)];
        var isInOrder = number > lastOfSender;
        lastOfSender = Math.Max(lastOfSender, number);
        if (seq is { } value)
        {
            ref var lastSeq = ref state.LastSeq[member];
            isInOrder &= (lastSeq == 0 || value == lastSeq + 1) && state.IsSeqOf(number, value);
            lastSeq = value;
        }
        if (!isInOrder)
        {
            Disordered++;
        }
        Delivered++;
        if (++state.Arrivals[number] == _members)
        {
            Unfinished--;
        }
        return true;
    }

    private sealed class Room(int members, int senders)
    {
        private readonly List<long> _seqs = [];
        private ulong[] _seen = new ulong[64];

        public List<int> Arrivals { get; } = [];
        public long[] LastSeq { get; } = new long[members];
        public int[] LastOfSender { get; } = [.. Enumerable.Repeat(-1, members * senders)];

        public void Begin(int members)
        {
            Arrivals.Add(0);
            _seqs.Add(0);
            var words = (Arrivals.Count * (long)members / 64) + 1;
            if (words > _seen.Length)
            {
                Array.Resize(ref _seen, (int)Math.Max(words, _seen.Length * 2L));
            }
        }

        public bool Mark(long bit)
        {
            ref var word = ref _seen[bit >> 6];
            var mask = 1ul << (int)(bit & 63);
            var isNew = (word & mask) == 0;
            word |= mask;
            return isNew;
        }

        public bool IsSeqOf(int number, long seq)
        {
            if (_seqs[number] == 0)
            {
                _seqs[number] = seq;
            }
            return _seqs[number] == seq;
        }
    }
}
