using System.Globalization;
using System.Text;
using Teahouse.Messages;
using Teahouse.Projects;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>Takes one room with its messages, in one transaction.</summary>
internal sealed class ImportRoom(Db db, RoomStore rooms, RoomQueries queries, MessageStore messages, RoomLog log, RoomEvictions evictions, OpenProjectChat chats, ProjectChatQueries chatQueries, ProjectAccess projects, DraftMessages drafting, TimeProvider clock)
{
    // Names given in this run, which in a dry run are nowhere else.
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    /// <summary>What is new in the room since it was last imported.</summary>
    public async Task ExecuteAsync(DjangoFile file, RoomTarget target, IReadOnlyDictionary<long, OldAuthor> authors, ImportReport report, CancellationToken ct)
    {
        var known = await db.ReadAsync(async session =>
        {
            Dictionary<string, Known> found = [];
            foreach (var source in target.Sources)
            {
                if (await ImportStore.FindAsync(session, report.Source, target.Kind, source.Key) is { } row)
                {
                    found[source.Key] = row;
                }
            }
            return found;
        }, ct);
        var room = known.Count > 0 ? await db.ReadAsync(session => queries.FindAsync(session, known.Values.First().NewId), ct) : null;
        if (known.Count > 0 && room is null or { ArchivedAt: not null })
        {
            report.RoomsKnown++;
            report.Note("gone", $"not taken: {target.Label}: it was {(room is null ? "deleted" : "archived")} here since it was imported");
            return;
        }
        var old = target.Sources.SelectMany(source => List(file, target, source, known.GetValueOrDefault(source.Key)?.LastId ?? 0)).ToList();
        var work = new Work(target, room, [.. drafting.Execute(old, target, known, authors, report)], known, ListEnds(file, target, old, known));
        if (room is null)
        {
            work = work with { Name = target.Kind == ImportStore.Chat ? "" : await ChooseNameAsync(target, work.Drafts, report, ct) };
            report.RoomsNew++;
        }
        else
        {
            report.RoomsKnown++;
        }
        report.Messages += work.Drafts.Count;
        NoteLate(target, work.Drafts, (room ?? await FindOpenChatAsync(target, ct))?.LastMessageAt, report);
        if (!report.DryRun)
        {
            await db.WriteAsync(session => StoreAsync(session, report.Source, work, old), ct);
        }
    }

    /// <summary>How far each source is taken by this, and what the message there is known by.</summary>
    private static List<(OldRoom Room, long LastId, string? Mark)> ListEnds(DjangoFile file, RoomTarget target, List<(OldRoom Room, OldMessage Message)> old, Dictionary<string, Known> known) =>
        [.. target.Sources.Select(source =>
        {
            var last = Math.Max(old.Where(pair => pair.Room.Key == source.Key).Select(pair => pair.Message.Id).DefaultIfEmpty().Max(), known.GetValueOrDefault(source.Key)?.LastId ?? 0);
            return (source, last, last == 0 ? null : file.FindMark(target.Kind, source.Key, last));
        })];

    /// <summary>The visitor may have opened one here since the project was imported.</summary>
    private Task<Room?> FindOpenChatAsync(RoomTarget target, CancellationToken ct) => db.ReadAsync(async session =>
        target is { Project: { } project, VisitorId: { } visitorId } && await chatQueries.FindAsync(session, project.Id, visitorId) is { } open ? await queries.FindAsync(session, open.RoomId) : null, ct);

    /// <summary>Times only go up inside a room: what is older than the last that was said here stands behind it, and is as old.</summary>
    private static void NoteLate(RoomTarget target, List<(Message Draft, bool IsRead)> drafts, DateTimeOffset? last, ImportReport report)
    {
        if (last is { } floor && drafts.Count(pair => pair.Draft.CreatedAt < floor) is var late and > 0)
        {
            report.Note("late", string.Create(CultureInfo.InvariantCulture, $"{target.Label}: {late:N0} messages are older than the last that was said here, {floor:yyyy-MM-dd HH:mm:ss} UTC: they come behind it and get its time"));
        }
    }

    private static IEnumerable<(OldRoom Room, OldMessage Message)> List(DjangoFile file, RoomTarget target, OldRoom source, long after) => (target.Kind switch
    {
        ImportStore.NamedRoom => file.ListNamedMessages(source.Key, after),
        ImportStore.OwnedRoom => file.ListOwnedMessages(source.Key, after),
        _ => file.ListChatMessages(source.Key),
    }).Select(message => (source, message));

    private async Task StoreAsync(DbSession session, string source, Work work, List<(OldRoom Room, OldMessage Message)> old)
    {
        var isNew = work.Room is null;
        var room = work.Room ?? await MakeAsync(session, work);
        (Message Message, long? Watcher)? newest = null;
        List<Message> stored = [];
        foreach (var (draft, _) in work.Drafts)
        {
            var advance = await rooms.AdvanceForMessageAsync(session, room.Id, draft.CreatedAt) ?? throw new RefusedException(Refusal.Archived);
            var message = await messages.InsertAsync(session, room.Id, draft, advance, authorKey: null)
                ?? throw new InvalidOperationException("A message without a nonce repeats none.");
            if (message.UserId is { } userId && !await rooms.CountOwnAsync(session, room.Id, userId, message.Seq))
            {
                await rooms.AddParticipantAsync(session, room.Id, userId, message.Seq, message.CreatedAt);
            }
            stored.Add(message);
            newest = (message, advance.WatcherId);
        }
        await MarkReadAsync(session, room.Id, work, stored, old, isNew);
        foreach (var (each, last, mark) in work.Ends)
        {
            await ImportStore.SaveAsync(session, source, work.Target.Kind, each.Key, room.Id, last, mark);
        }
        if (newest is { } told)
        {
            // Open pages see the gap before it, and fetch what they lack.
            session.AfterCommit(() => log.Publish(room, told.Message, told.Watcher));
        }
    }

    /// <summary>In rooms nobody kept count of what was read: everything. In a chat each of the two has read up to the first message of the other's that is not marked as read.</summary>
    private async Task MarkReadAsync(DbSession session, long roomId, Work work, List<Message> stored, List<(OldRoom Room, OldMessage Message)> old, bool isNew)
    {
        if (stored.Count == 0)
        {
            return;
        }
        if (work.Target.Kind != ImportStore.Chat)
        {
            foreach (var member in isNew ? await queries.ListMemberIdsAsync(session, roomId) : [])
            {
                await MarkReadAsync(session, roomId, member, stored[^1].Seq);
            }
            return;
        }
        var first = work.Target.Sources[0];
        foreach (var (id, oldId) in new[] { (work.Target.OwnerId, first.OwnerId), (work.Target.VisitorId, first.VisitorId) })
        {
            // What was not read when it was imported, and is not read yet, keeps the mark where it is.
            var isBehind = old.Exists(pair => pair.Message.Id <= (work.Known.GetValueOrDefault(pair.Room.Key)?.LastId ?? 0) && !pair.Message.IsRead && pair.Message.SenderId != oldId);
            if (id is { } member && !isBehind)
            {
                var unread = work.Drafts.FindIndex(pair => !pair.IsRead && pair.Draft.UserId != member);
                await MarkReadAsync(session, roomId, member, unread < 0 ? stored[^1].Seq : stored[unread].Seq - 1);
            }
        }
    }

    private async Task MarkReadAsync(DbSession session, long roomId, long userId, long seq)
    {
        if (await queries.FindMembershipAsync(session, roomId, userId) is { } membership && membership.LastReadSeq < seq)
        {
            var own = await MessageQueries.CountOwnAsync(session, roomId, userId, membership.LastReadSeq, seq);
            await rooms.MarkReadAsync(session, roomId, userId, new ReadStretch(membership.LastReadSeq, seq, own));
        }
    }

    private async Task<Room> MakeAsync(DbSession session, Work work)
    {
        var target = work.Target;
        var at = target.Sources.Min(source => source.CreatedAt) ?? (work.Drafts is [var first, ..] ? first.Draft.CreatedAt : DateTimeOffset.UnixEpoch);
        at = at < clock.GetUtcNow() ? at : clock.GetUtcNow();
        if (target is { Project: { } project, VisitorId: { } visitorId })
        {
            await projects.LockAsync(session, project.Slug);
            // The visitor may have opened one here since the project was imported.
            return await chatQueries.FindAsync(session, project.Id, visitorId) is { } open
                ? await queries.FindAsync(session, open.RoomId) ?? throw new InvalidOperationException("A chat has a room.")
                : await chats.MakeRoomAsync(session, project, visitorId, at);
        }
        if (await queries.FindAsync(session, RoomName.Key(work.Name)) is { } there)
        {
            return there;
        }
        var title = VisibleText.Line(target.Sources[0].Name, RoomInput.MaxTitle) is { Length: > 0 } line ? line : work.Name;
        var room = await rooms.InsertAsync(session, Room.OrdinaryKind, work.Name, title, "", target.Access, target.OwnerId, at) ?? throw new RefusedException(Refusal.NameTaken);
        HashSet<long> members = [];
        if (target.OwnerId is { } ownerId)
        {
            await rooms.AddMemberAsync(session, room.Id, ownerId, Role.Owner, 0, at);
            members.Add(ownerId);
        }
        // Who waited under the name when nobody had used it yet.
        await evictions.PutOutStrangersAsync(session, room, members);
        return room;
    }

    /// <summary>The room's name, if it can have it: a room of the same name and the same openness that is not another one of the same site is the same room, unless something newer was said in it already:
    /// behind that, older messages would lose their times.</summary>
    private async Task<string> ChooseNameAsync(RoomTarget target, List<(Message Draft, bool IsRead)> drafts, ImportReport report, CancellationToken ct)
    {
        var isOlder = false;
        var wanted = RoomName.TryParse(target.Label, out var name) ? name : Clean(target.Label);
        for (var number = 1; ; number++)
        {
            var suffix = number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{number}");
            var candidate = RoomName.TryParse(wanted + suffix, out var whole) ? whole : Clean(string.Concat(wanted.EnumerateRunes().Take(RoomName.MaxLength - suffix.Length))) + suffix;
            var (there, origin) = await db.ReadAsync(async session => await queries.FindAsync(session, RoomName.Key(candidate)) is { } found
                ? (found, await ImportStore.FindSourceAsync(session, target.Kind, found.Id)) : (null, null), ct);
            if (_given.Contains(RoomName.Key(candidate))
                || (there is not null && (there.Access != target.Access || there.Kind != Room.OrdinaryKind || there.IsArchived || origin == report.Source)))
            {
                continue;
            }
            if (there?.LastMessageAt is { } last && drafts is [var first, ..] && first.Draft.CreatedAt < last)
            {
                isOlder = true;
                continue;
            }
            _given.Add(RoomName.Key(candidate));
            if (candidate != target.Label || there is not null)
            {
                report.Note("room", there is null ? $"room {target.Label}: imported as {candidate}{(isOlder ? ", because what was said in the room of that name here is newer" : "")}" : $"room {target.Label}: goes on in the room {candidate} that is here");
            }
            return candidate;
        }
    }

    private static string Clean(string name)
    {
        var clean = new StringBuilder();
        foreach (var rune in (UsableForm(name) ?? "").EnumerateRunes().Take(RoomName.MaxLength))
        {
            clean.Append(Rune.IsLetterOrDigit(rune) || rune.Value is '_' or '-' ? rune.ToString() : "-");
        }
        var text = clean.ToString().Trim('-');
        return RoomName.TryParse(text, out var parsed) ? parsed : "room";
    }

    private static string? UsableForm(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            // A lone surrogate.
            return null;
        }
    }

    private sealed record Work(RoomTarget Target, Room? Room, List<(Message Draft, bool IsRead)> Drafts, Dictionary<string, Known> Known, List<(OldRoom Room, long LastId, string? Mark)> Ends)
    {
        public string Name { get; init; } = "";
    }
}
