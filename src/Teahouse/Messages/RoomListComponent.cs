using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>The list of my rooms in the frame's left pane; nothing for who is not signed in.</summary>
[ViewComponent(Name = "RoomList")]
public sealed class RoomListComponent(Db db, RoomListQueries queries, RoomListText text) : ViewComponent
{
    /// <param name="open">The room that is open on the page; null for none.</param>
    /// <param name="all">Every room, not the first hundred.</param>
    public async Task<IViewComponentResult> InvokeAsync(string? open, bool all)
    {
        var caller = HttpContext.GetCaller();
        if (caller.UserId is not { } userId)
        {
            return Content("");
        }
        var mine = await db.ReadAsync(session => queries.ListMineAsync(session, userId, open, all), HttpContext.RequestAborted);
        return View("/Messages/_RoomList.cshtml", text.Compose(mine, caller, open, db.Epoch));
    }
}

/// <summary>Words a user's rooms for the list. Thread-safe.</summary>
public sealed class RoomListText(EventTexts events, ScriptTexts scripts, IStringLocalizer<MessagesText> texts, Settings settings, TimeProvider time)
{
    public RoomListView Compose(MyRooms mine, Caller caller, string? open, string epoch)
    {
        var zone = caller.TimeZone ?? settings.TimeZone;
        var today = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).Date;
        return new()
        {
            Me = caller.Username,
            MeName = caller.DisplayName,
            Epoch = epoch,
            TimeZone = zone.Id,
            ScriptTexts = scripts.RoomList(),
            Open = open,
            Rooms = [.. mine.Rooms.Select(room => Row(room, zone, today))],
            ProjectChats = [.. mine.ProjectChats.Select(room => Row(room, zone, today))],
            Others = mine.Others.Count == 0 ? null : Word(mine.Others),
        };
    }

    private static string Word(IReadOnlyList<RoomHead> heads)
    {
        var words = new StringBuilder(heads.Count * 16);
        foreach (var head in heads)
        {
            words.Append(CultureInfo.InvariantCulture, $"{head.Name} {head.Rev} {head.Unread},");
        }
        return words.ToString(0, words.Length - 1);
    }

    private RoomRow Row(MyRoom room, TimeZoneInfo zone, DateTime today)
    {
        var at = TimeZoneInfo.ConvertTime(room.LastAt, zone);
        return new RoomRow
        {
            Name = room.Name,
            Address = Room.AddressOf(room.Name, room.Path),
            Visitor = room.Visitor is { Length: 0 } ? texts["List.Nobody"].Value : room.Visitor,
            Title = room.Title.Length > 0 ? room.Title : room.Name,
            Icon = room.ArchivedAt is not null ? "archive" : room.Kind == Room.ProjectKind ? "folder-kanban" : room.Access switch
            {
                Access.Guests => "globe",
                Access.Members => "hash",
                Access.Private => "lock",
                _ => throw new InvalidOperationException($"Access {room.Access} has no icon."),
            },
            Rev = room.Rev,
            LastSeq = room.LastSeq,
            ReadSeq = room.LastReadSeq,
            Unread = room.Unread,
            At = at,
            When = When(at, today),
            LastLine = LastLine(room),
            IsArchived = room.ArchivedAt is not null,
            IsChat = room.Kind != Room.OrdinaryKind,
        };
    }

    /// <summary>The time for today, the date for earlier.</summary>
    /// <param name="at">In the reader's zone.</param>
    /// <param name="zone">The reader's.</param>
    public string When(DateTimeOffset at, TimeZoneInfo zone) => When(at, TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).Date);

    private static string When(DateTimeOffset at, DateTime today) => at.ToString(at.Date == today ? "HH:mm" : "M/d", CultureInfo.InvariantCulture);

    /// <summary>Says the last message of a room in one line; empty where nothing was said yet.</summary>
    public string LastLine(LastMessageRow room)
    {
        if (room.LastKind is null)
        {
            return "";
        }
        if (room.LastDeletedAt is not null)
        {
            return texts["Deleted"];
        }
        if (room.LastKind == Message.SystemKind)
        {
            return events.Say(room.LastEvent, room.LastText ?? "");
        }
        var author = room.LastAuthor is { Length: > 0 } name ? name : Message.NamelessAuthor;
        return texts["Js.LastLine", $"\u2068{author}\u2069", room.LastText ?? ""];
    }
}
