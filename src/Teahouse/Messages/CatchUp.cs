using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>What a reader lacks.</summary>
public sealed record CaughtUp
{
    /// <summary>The room as it is now; null while it is unborn.</summary>
    public required Room? Room { get; init; }

    public required long Rev { get; init; }
    public required long LastSeq { get; init; }
    public required long LastReadSeq { get; init; }

    /// <summary>Lowest revision first; without a known revision, the latest by number.</summary>
    public required IReadOnlyList<Message> Messages { get; init; }

    /// <summary>The reader must forget what it has and take <see cref="Messages"/> instead.</summary>
    public required bool Reset { get; init; }
}

/// <summary>Answers "what changed after revision N", all or nothing. Thread-safe.</summary>
public sealed class CatchUp(Db db, RoomQueries rooms, RoomAccess access, MessageQueries queries)
{
    /// <summary>More missed changes than this are not sent one by one.</summary>
    public const int MaxChanges = 500;

    /// <summary>How many of the latest messages a reader without a revision gets.</summary>
    public const int Latest = 50;

    private long _count;
    private long _resets;

    /// <summary>Times somebody was told what they lack.</summary>
    internal long Count => Volatile.Read(ref _count);

    /// <summary>Of those, times they had to begin anew.</summary>
    internal long Resets => Volatile.Read(ref _resets);

    /// <summary>Where the room stands now, without any message.</summary>
    /// <exception cref="RefusedException">The caller may no longer enter.</exception>
    public Task<CaughtUp> ReadHeadAsync(RoomPass pass, CancellationToken ct) => db.ReadAsync(async session =>
    {
        var standing = await rooms.FindStandingAsync(session, RoomName.Key(pass.Name), pass.Caller);
        return standing.Room is not { } room ? Unborn(reset: false)
            : access.Decide(pass.Caller, standing) is not null ? new CaughtUp
            {
                Room = room,
                Rev = room.Rev,
                LastSeq = room.LastSeq,
                LastReadSeq = standing.Membership?.LastReadSeq ?? 0,
                Messages = [],
                Reset = false,
            }
            : throw new RefusedException(Refusal.NoSuchRoom);
    }, ct);

    /// <summary>What changed after a revision, or the latest messages.</summary>
    /// <param name="pass">The room.</param>
    /// <param name="after">The last revision the reader has; null for the latest messages.</param>
    /// <param name="epoch">Of which history <paramref name="after"/> is; null when the reader does not know.</param>
    /// <param name="ct">Cancels the read.</param>
    public Task<CaughtUp> ExecuteAsync(RoomPass pass, long? after, string? epoch, CancellationToken ct) => db.ReadAsync(async session =>
    {
        var standing = await rooms.FindStandingAsync(session, RoomName.Key(pass.Name), pass.Caller);
        if (standing.Room is not { } room)
        {
            return Unborn(reset: after > 0);
        }
        // Asked again here: the caller may have lost the room since the pass was given.
        _ = access.Decide(pass.Caller, standing) ?? throw new RefusedException(Refusal.NoSuchRoom);
        var head = new Head { Rev = room.Rev, LastSeq = room.LastSeq };
        var reset = after is { } known && (known < 0 || known > head.Rev || head.Rev - known > MaxChanges || (epoch is not null && epoch != db.Epoch));
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _resets, reset ? 1 : 0);
        return new CaughtUp
        {
            Room = room,
            Rev = head.Rev,
            LastSeq = head.LastSeq,
            LastReadSeq = standing.Membership?.LastReadSeq ?? 0,
            Messages = after is null || reset
                ? await queries.ListBeforeAsync(session, room.Id, long.MaxValue, Latest)
                : await queries.ListChangesAsync(session, room.Id, head, after.Value, MaxChanges),
            Reset = reset,
        };
    }, ct);

    private static CaughtUp Unborn(bool reset) => new() { Room = null, Rev = 0, LastSeq = 0, LastReadSeq = 0, Messages = [], Reset = reset };
}
