using System.Globalization;
using Microsoft.Extensions.Localization;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Makes rows of messages: who wrote them, how they stand together, which day begins. The same rules as <c>grouping.js</c>. Thread-safe.</summary>
public sealed class MessageRows(EventTexts events, IStringLocalizer<MessagesText> texts, Settings settings, TimeProvider time)
{
    /// <summary>Messages of one author within this time of each other are one group.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMinutes(5);

    /// <param name="messages">Oldest first.</param>
    /// <param name="reader">Whose own messages stand on the other side.</param>
    /// <param name="firstUnreadSeq">Above which message the unread line stands; null for none.</param>
    public IReadOnlyList<MessageView> Of(IReadOnlyList<Message> messages, Caller reader, long? firstUnreadSeq)
    {
        var zone = ZoneOf(reader);
        var today = DayOf(time.GetUtcNow(), zone);
        var rows = new List<MessageView>(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var before = i > 0 ? messages[i - 1] : null;
            var after = i + 1 < messages.Count ? messages[i + 1] : null;
            var day = DayOf(message.CreatedAt, zone);
            var startsDay = before is null || DayOf(before.CreatedAt, zone) != day;
            var isFirstUnread = message.Seq == firstUnreadSeq;
            rows.Add(Of(message, reader) with
            {
                Day = startsDay ? Word(day, today) : null,
                IsFirst = startsDay || isFirstUnread || before is null || !BelongTogether(before, message),
                IsLast = after is null || DayOf(after.CreatedAt, zone) != day || !BelongTogether(message, after),
                IsFirstUnread = isFirstUnread,
            });
        }
        return rows;
    }

    private MessageView Of(Message message, Caller reader)
    {
        var isSystem = message.Kind == Message.SystemKind;
        var author = isSystem ? "" : message.Author;
        return new MessageView
        {
            Id = message.Id,
            Seq = message.Seq,
            Rev = message.Rev,
            Author = author,
            Name = message.DisplayName is { Length: > 0 } name && !isSystem ? name : author,
            AvatarColour = message.AvatarColour,
            IsGuest = message.IsGuest,
            GuestId = message.GuestTag,
            IsSystem = isSystem,
            IsBot = message.IsBot,
            Text = isSystem ? events.Say(message) : message.Text,
            At = TimeZoneInfo.ConvertTime(message.CreatedAt, ZoneOf(reader)),
            IsEdited = message.TextEditedAt is not null && message.DeletedAt is null,
            IsDeleted = message.DeletedAt is not null,
            IsOwn = !isSystem && IsOwn(message, reader),
            IsMention = !isSystem && !IsOwn(message, reader) && Mentions.Has(message.Text, reader.Username, reader.DisplayName),
        };
    }

    private static bool IsOwn(Message message, Caller reader) => reader.Kind switch
    {
        // What one's program says, it says to its owner too.
        CallerKind.User => message.UserId == reader.UserId && !message.IsBot,
        // Several guests may have one nickname.
        CallerKind.Guest => message.IsGuest && message.AuthorKey is not null && message.AuthorKey == reader.AuthorKey,
        _ => false,
    };

    private static bool BelongTogether(Message earlier, Message later) =>
        earlier.Kind == Message.TextKind && later.Kind == Message.TextKind
        && earlier.Author == later.Author && earlier.IsGuest == later.IsGuest && (!earlier.IsGuest || earlier.AuthorKey == later.AuthorKey) && earlier.IsBot == later.IsBot
        // One account may have several programs.
        && (!earlier.IsBot || earlier.DisplayName == later.DisplayName)
        && later.CreatedAt - earlier.CreatedAt <= Together;

    private static DateOnly DayOf(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).Date);

    private string Word(DateOnly day, DateOnly today) =>
        day == today ? texts["Js.Today"]
        : day == today.AddDays(-1) ? texts["Js.Yesterday"]
        : day.ToString("D", CultureInfo.CurrentCulture);

    private TimeZoneInfo ZoneOf(Caller reader) => reader.TimeZone ?? settings.TimeZone;
}
