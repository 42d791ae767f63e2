namespace Teahouse.Rooms;

/// <summary>How far a room has come, as SQLite's writer counts on while it stores many messages. Not thread-safe.</summary>
internal sealed class HeadCounter
{
    public required long Rev { get; set; }
    public required long Seq { get; set; }

    /// <summary>When the latest message was said, in Unix milliseconds; 0 for never.</summary>
    public required long At { get; set; }

    /// <summary>See <see cref="Advance.WatcherId"/>.</summary>
    public required long? WatcherId { get; init; }

    /// <summary>It is ahead of what is stored.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Gives a message its numbers and its time, which never runs backwards.</summary>
    public void Advance(DateTimeOffset at)
    {
        Rev++;
        Seq++;
        At = Math.Max(At, at.ToUnixTimeMilliseconds());
        IsChanged = true;
    }
}
