using System.Globalization;
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
    public async Task<IViewComponentResult> InvokeAsync(string? open)
    {
        var caller = HttpContext.GetCaller();
        if (caller.UserId is not { } userId)
        {
            return Content("");
        }
        var rooms = await db.ReadAsync(session => queries.ListMineAsync(session, userId), HttpContext.RequestAborted);
        return View("/Messages/_RoomList.cshtml", text.Compose(rooms, caller, open, db.Epoch));
    }
}

/// <summary>Words a user's rooms for the list. Thread-safe.</summary>
public sealed class RoomListText(EventTexts events, ScriptTexts scripts, IStringLocalizer<MessagesText> texts, Settings settings, TimeProvider time)
{
    public RoomListView Compose(IReadOnlyList<MyRoom> rooms, Caller caller, string? open, string epoch)
    {
        var zone = caller.TimeZone ?? settings.TimeZone;
        var today = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).Date;
        return new()
        {
            Me = caller.Username,
            Epoch = epoch,
            TimeZone = zone.Id,
            ScriptTexts = scripts.RoomList(),
            Open = open,
            Rooms = [.. rooms.Where(room => room.Kind != "project").Select(room => Row(room, zone, today))],
            ProjectChats = [.. rooms.Where(room => room.Kind == "project").Select(room => Row(room, zone, today))],
        };
    }

    private RoomRow Row(MyRoom room, TimeZoneInfo zone, DateTime today)
    {
        var at = TimeZoneInfo.ConvertTime(room.LastAt, zone);
        return new RoomRow
        {
            Name = room.Name,
            Title = room.Title.Length > 0 ? room.Title : room.Name,
            Icon = room.ArchivedAt is not null ? "archive" : room.Access switch
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
            When = at.Date == today ? at.ToString("HH:mm", CultureInfo.InvariantCulture) : at.ToString("M/d", CultureInfo.InvariantCulture),
            LastLine = LastLine(room),
            IsArchived = room.ArchivedAt is not null,
        };
    }

    private string LastLine(MyRoom room)
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
