using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>The rows of the room list. There may be a thousand beside every page, and Razor with a tag helper in each row takes many times as long.</summary>
/// <param name="rooms">In the order shown.</param>
/// <param name="open">The room that is open on the page; null for none.</param>
/// <param name="sprite">Address of the icons.</param>
/// <param name="archived">The word for an archived room.</param>
/// <param name="unread">Says how many messages are unread.</param>
/// <param name="encoder">Of the page.</param>
public sealed class RoomRowsContent(IReadOnlyList<RoomRow> rooms, string? open, string sprite, string archived, Func<long, string> unread, HtmlEncoder encoder) : IHtmlAsyncContent
{
    private const int CharactersPerWrite = 16 * 1024;

    public void WriteTo(TextWriter writer, HtmlEncoder encoder) => throw new NotSupportedException("Pages are written asynchronously.");

    public async ValueTask WriteToAsync(TextWriter writer)
    {
        await using var markup = new StringWriter(new StringBuilder(2 * CharactersPerWrite), CultureInfo.InvariantCulture);
        // Many rooms have the same few messages unread.
        var sayings = new Dictionary<long, string> { [0] = "" };
        foreach (var room in rooms)
        {
            if (!sayings.TryGetValue(room.Unread, out var saying))
            {
                sayings.Add(room.Unread, saying = unread(room.Unread));
            }
            Write(markup, room, saying);
            if (markup.GetStringBuilder() is { Length: >= CharactersPerWrite } written)
            {
                await writer.WriteAsync(written);
                written.Clear();
            }
        }
        await writer.WriteAsync(markup.GetStringBuilder());
    }

    private void Write(TextWriter writer, RoomRow room, string saying)
    {
        HtmlMarkup.Write(writer, encoder, $"""
            <li><a class="room-row{(room.Unread > 0 ? " is-unread" : "")}" href="{room.Address}" aria-current="{(room.Name == open ? "page" : "false")}"
            data-room="{room.Name}" data-filter="{room.Visitor ?? room.Name} {room.Title}" data-rev="{room.Rev}" data-last-seq="{room.LastSeq}" data-read-seq="{room.ReadSeq}"
            data-unread="{room.Unread}" data-at="{room.At.ToUnixTimeMilliseconds()}"{(room.IsChat ? " data-chat" : "")}><span class="room-glyph"><svg class="icon icon-sm" aria-hidden="true" focusable="false"><use href="{sprite}#{room.Icon}"></use></svg></span>
            <span class="room-name">
            """);
        if (room.Visitor is not null)
        {
            HtmlMarkup.Write(writer, encoder, $"""<bdi>{room.Visitor}</bdi><span> · </span>""");
        }
        HtmlMarkup.Write(writer, encoder, $"""<bdi data-slot="title">{room.Title}</bdi>""");
        if (room.IsArchived)
        {
            HtmlMarkup.Write(writer, encoder, $"""<span class="sr-only"> ({archived})</span>""");
        }
        HtmlMarkup.Write(writer, encoder, $"""
            </span> <time class="room-time" datetime="{room.At.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)}">{room.When}</time>
            <span class="room-last" data-slot="last">{room.LastLine}</span>
            <span class="badge" aria-hidden="true"{(room.Unread == 0 ? " hidden" : "")}>{room.Badge}</span> <span class="sr-only" data-slot="unread">{saying}</span></a></li>

            """);
    }
}
