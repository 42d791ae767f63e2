using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Which part of the history a page without scripts, or a permalink, asks for; none set means where the reader left off.</summary>
public sealed record RoomPosition(long? Before, long? After, long? At)
{
    public static RoomPosition WhereLeftOff { get; } = new(null, null, null);
}

/// <summary>Reads the room page in one consistent look at the database. Thread-safe.</summary>
public sealed class ReadRoomPage(Db db, RoomQueries rooms, MessageQueries messages, RoomPageQueries pageQueries, RoomPageText text)
{
    private const int PageSize = 50;

    /// <summary>Unread messages that are shown all at once, down to the newest; with more the page begins at the first of them.</summary>
    private const int MaxUnreadShown = 150;

    /// <summary>What was read already and stands above the first unread message.</summary>
    private const int Context = 10;

    public async Task<RoomView> ExecuteAsync(RoomPass pass, RoomPosition position, CancellationToken ct)
    {
        if (pass.Room is not { } known)
        {
            return text.Compose(pass, Unborn, db.Epoch);
        }
        var read = await db.ReadAsync(async session =>
        {
            // The row again, so that its revision is that of these messages.
            var (found, membership, _) = await rooms.FindStandingAsync(session, known.Id, pass.Caller);
            var room = found ?? throw new RefusedException(Refusal.NoSuchRoom);
            var page = await ListAsync(session, room, membership, position);
            return new RoomRead
            {
                Room = room,
                Membership = membership,
                Messages = page,
                Members = await pageQueries.ListMembersAsync(session, room.Id),
            };
        }, ct);
        return text.Compose(pass, read, db.Epoch);
    }

    private static RoomRead Unborn { get; } = new() { Room = null, Membership = null, Messages = [], Members = [] };

    private Task<List<Message>> ListAsync(DbSession session, Room room, Membership? membership, RoomPosition position)
    {
        if (position.Before is { } before)
        {
            return messages.ListBeforeAsync(session, room.Id, before, PageSize);
        }
        if (position.After is { } after)
        {
            return messages.ListAfterAsync(session, room.Id, after, PageSize);
        }
        if (position.At is { } at)
        {
            return messages.ListBeforeAsync(session, room.Id, Math.Min(at, room.LastSeq) + (PageSize / 2), PageSize);
        }
        var unread = membership is null || membership.Unread(room.LastSeq) == 0 ? 0 : room.LastSeq - membership.LastReadSeq;
        return unread > MaxUnreadShown
            ? messages.ListAfterAsync(session, room.Id, Math.Max(0, room.LastSeq - unread - Context), PageSize)
            : messages.ListBeforeAsync(session, room.Id, long.MaxValue, (int)Math.Max(PageSize, unread + Context));
    }
}

/// <summary>What <see cref="ReadRoomPage"/> read.</summary>
public sealed record RoomRead
{
    /// <summary>Null while the room is unborn.</summary>
    public required Room? Room { get; init; }

    public required Membership? Membership { get; init; }

    /// <summary>Oldest first, without a hole.</summary>
    public required IReadOnlyList<Message> Messages { get; init; }

    public required IReadOnlyList<PageMember> Members { get; init; }
}
