namespace Teahouse.Client;

/// <summary>A message on its way. Its task ends with the receipt or a <see cref="TeahouseException"/>.</summary>
internal sealed class Sending(string room, string text)
{
    private readonly TaskCompletionSource<SendReceipt> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string RoomKey { get; } = Subscriptions.KeyOf(room);
    public string Nonce { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>When it was written to the connection, while there is no answer yet.</summary>
    public long? SentAt { get; set; }

    /// <summary>How often the server said that this came too fast.</summary>
    public int Delays { get; set; }

    /// <summary>The server asked to wait, and the time is not over.</summary>
    public bool IsPaused { get; set; }

    public Task<SendReceipt> Done => _done.Task;

    public byte[] Encode() => ClientFrame.Send(room, text, Nonce).Encode();

    public void Succeed(SendReceipt receipt) => _done.TrySetResult(receipt);

    public void Fail(TeahouseException error)
    {
        _done.TrySetException(error);
        // Its sender may have been cancelled: then nobody is left to look.
        _ = _done.Task.Exception;
    }
}

/// <summary>What is to be sent, a line for each room. Only the head of a line is on its way, so that a refusal for a while cannot change the order; the nonce makes writing it again
/// harmless. Guarded by the session.</summary>
/// <param name="capacity">How many may wait in all.</param>
/// <param name="write">Puts a frame on the connection; false without one.</param>
/// <param name="after">Acts later, guarded as well.</param>
internal sealed class Outbox(int capacity, Func<byte[], bool> write, Action<TimeSpan, Action> after)
{
    private readonly Dictionary<string, LinkedList<Sending>> _lines = [];
    private readonly Dictionary<string, Sending> _byNonce = [];
    private bool _isKnown;
    private int _maxFrameBytes;

    /// <summary>When the oldest one was written that has no answer yet; null when all have.</summary>
    public long? OldestSentAt => Heads.Min(head => head.SentAt);

    // Not null: a line without messages is removed.
    private IEnumerable<Sending> Heads => _lines.Values.Select(line => line.First!.Value);

    /// <exception cref="TeahouseException">Too many wait.</exception>
    public void Add(Sending sending)
    {
        if (_byNonce.Count >= capacity)
        {
            throw new TeahouseException(ErrorCodes.OutboxFull, $"{capacity} messages wait already.");
        }
        if (!_lines.TryGetValue(sending.RoomKey, out var line))
        {
            _lines[sending.RoomKey] = line = [];
        }
        line.AddLast(sending);
        _byNonce[sending.Nonce] = sending;
        Pump();
    }

    /// <summary>It is answered or given up; the next one of its room may go.</summary>
    public void Remove(Sending sending)
    {
        Drop(sending);
        Pump();
    }

    /// <summary>There is a connection.</summary>
    /// <param name="isKnown">The server knows who this is, and so remembers the nonces.</param>
    /// <param name="maxFrameBytes">The longest frame it takes; 0: any.</param>
    public void Open(bool isKnown, int maxFrameBytes)
    {
        (_isKnown, _maxFrameBytes) = (isKnown, maxFrameBytes);
        Pump();
    }

    /// <summary>The connection was lost. What was on its way goes again, or fails if that might store it twice.</summary>
    public void Lose(TeahouseException error)
    {
        if (!_isKnown)
        {
            Fail(sending => sending.SentAt is not null, error);
        }
        Rewind();
    }

    /// <summary>The server dropped some frame: writes what has no answer once more, where that is harmless.</summary>
    public void SendAgain()
    {
        if (_isKnown)
        {
            Rewind();
        }
        Pump();
    }

    public void End(TeahouseException error) => Fail(_ => true, error);

    public void Take(AckFrame ack)
    {
        if (ack.Nonce is not null && _byNonce.TryGetValue(ack.Nonce, out var sending))
        {
            sending.Succeed(new SendReceipt(ack.Id, ack.Seq, ack.Rev));
            Remove(sending);
        }
    }

    public void Take(ErrorFrame error)
    {
        if (error.Nonce is null || !_byNonce.TryGetValue(error.Nonce, out var sending))
        {
            return;
        }
        if (!error.IsPassing)
        {
            sending.Fail(new TeahouseException(error.Code, error.Message ?? error.Code));
            Remove(sending);
            return;
        }
        (sending.SentAt, sending.IsPaused) = (null, true);
        // Too fast again: others share the allowance. A busy server is asked steadily, to be back as soon as it is.
        after(error.Code == ErrorCodes.Busy ? error.RetryIn : error.RetryIn * (1 << Math.Min(sending.Delays++, 5)), () =>
        {
            sending.IsPaused = false;
            Pump();
        });
    }

    /// <summary>Writes every head that is neither on its way nor told to wait.</summary>
    private void Pump()
    {
        foreach (var line in _lines.Values.ToList())
        {
            while (line.First is { Value: { SentAt: null, IsPaused: false } head })
            {
                var frame = head.Encode();
                if (_maxFrameBytes > 0 && frame.Length > _maxFrameBytes)
                {
                    // The server would close the connection, and again each time it is resent.
                    Drop(head);
                    head.Fail(new TeahouseException(ErrorCodes.TooLong, $"A frame may have {_maxFrameBytes} bytes."));
                    continue;
                }
                if (!write(frame))
                {
                    return;
                }
                head.SentAt = TimeProvider.System.GetTimestamp();
            }
        }
    }

    private void Drop(Sending sending)
    {
        if (_byNonce.Remove(sending.Nonce) && _lines[sending.RoomKey] is var line && line.Remove(sending) && line.Count == 0)
        {
            _lines.Remove(sending.RoomKey);
        }
    }

    private void Rewind()
    {
        foreach (var head in Heads)
        {
            head.SentAt = null;
        }
    }

    private void Fail(Func<Sending, bool> which, TeahouseException error)
    {
        foreach (var sending in _byNonce.Values.Where(which).ToList())
        {
            Drop(sending);
            sending.Fail(error);
        }
    }
}
