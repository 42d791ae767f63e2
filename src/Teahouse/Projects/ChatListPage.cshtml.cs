using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Messages;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary><c>/chats/project/&lt;project&gt;/list/</c>: the owner's list of all chats of a project.</summary>
public sealed class ChatListPage(ProjectDoor door, Db db, ProjectChatQueries queries, RoomListText words) : PageModel
{
    private const int PageSize = 50;

    /// <summary>Set by every handler that renders the page.</summary>
    public Project Project { get; private set; } = null!;

    public ChatTotals Totals { get; private set; } = new() { Chats = 0, Unread = 0 };

    /// <summary>Latest activity first.</summary>
    public IReadOnlyList<ListedChat> Chats { get; private set; } = [];

    public bool OnlyUnread { get; private set; }

    public bool IsFirstPage { get; private set; }

    /// <summary>Where the next page begins, for <c>after</c>; null on the last one.</summary>
    public string? NextAfter { get; private set; }

    public async Task<IActionResult> OnGetAsync(string project, string? unread, string? after, CancellationToken ct)
    {
        var (found, answer) = await door.EnterListAsync(HttpContext, project, ct);
        if (found is null)
        {
            return answer;
        }
        Project = found;
        OnlyUnread = unread is not null;
        var cursor = ChatCursorText.Parse(after);
        IsFirstPage = cursor is null;
        var readerId = HttpContext.GetCaller().UserId ?? throw new InvalidOperationException("An owner is a user.");
        (Totals, Chats) = await db.ReadAsync(async session => (
            await queries.CountAsync(session, found.Id, readerId),
            await queries.ListAsync(session, found.Id, readerId, OnlyUnread, cursor, PageSize + 1)), ct);
        if (Chats.Count > PageSize)
        {
            Chats = [.. Chats.Take(PageSize)];
            NextAfter = ChatCursorText.Write(Chats[^1].Cursor);
        }
        return Page();
    }

    /// <summary>When something happened last, as the room list says it.</summary>
    public string When(ListedChat chat) => words.When(LocalTime(chat), HttpContext.GetTimeZone());

    public DateTimeOffset LocalTime(ListedChat chat) => TimeZoneInfo.ConvertTime(chat.At, HttpContext.GetTimeZone());

    public string LastLine(ListedChat chat) => words.LastLine(chat);

    public static string Badge(long unread) => unread > 99 ? "99+" : unread.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A cursor as it stands in an address.</summary>
public static class ChatCursorText
{
    public static string Write(ChatCursor cursor) => string.Create(CultureInfo.InvariantCulture, $"{cursor.At}-{cursor.RoomId}");

    /// <summary>Null for anything that is none.</summary>
    public static ChatCursor? Parse(string? text) =>
        text?.Split('-') is [var at, var room]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var atMs)
        && long.TryParse(room, NumberStyles.None, CultureInfo.InvariantCulture, out var roomId)
            ? new ChatCursor(atMs, roomId)
            : null;
}
