using System.Globalization;
using Teahouse.Messages;
using Teahouse.Web;

namespace Teahouse.Django;

/// <summary>Makes messages of this program from those of a room of an older system.</summary>
internal sealed class DraftMessages(Settings settings, TimeProvider clock)
{
    private const string MissingSender = "sender";

    /// <summary>What can be said here of what was said there since it was last taken, in the order in which it was said.</summary>
    public IEnumerable<(Message Draft, bool IsRead)> Execute(List<(OldRoom Room, OldMessage Message)> old, RoomTarget target, Dictionary<string, Known> known,
        IReadOnlyDictionary<long, OldAuthor> authors, ImportReport report)
    {
        foreach (var (room, message, at, doubt) in Order(old))
        {
            if (message.Id <= (known.GetValueOrDefault(room.Key)?.LastId ?? 0))
            {
                continue;
            }
            string text;
            try
            {
                text = MessageText.Parse(message.Text, settings.MessageChars);
            }
            catch (RefusedException e)
            {
                report.Refuse(target.Table, message.Id, target.Label, e.Refusal.Code);
                continue;
            }
            var author = message.SenderId is { } sender ? authors.GetValueOrDefault(sender) : null;
            if (message.SenderId is not null && author is null)
            {
                report.Note(MissingSender, string.Create(CultureInfo.InvariantCulture, $"{target.Table} {message.Id} in {target.Label}: account {message.SenderId} is not in the file; taken without an account"));
            }
            if (doubt is not null)
            {
                report.Note(doubt, string.Create(CultureInfo.InvariantCulture, $"{target.Table} {message.Id} in {target.Label}: {doubt}"));
            }
            yield return (new Message
            {
                Id = 0,
                RoomId = 0,
                Seq = 0,
                Rev = 0,
                Kind = Message.TextKind,
                UserId = author?.Id,
                AuthorName = author?.Name ?? (message.SenderId is null ? "" : string.Create(CultureInfo.InvariantCulture, $"user-{message.SenderId}")),
                IsGuest = message.SenderId is null,
                Text = text,
                CreatedAt = at,
            }, message.IsRead);
        }
    }

    /// <summary>In the order of the times, then of the ids. A message whose time can't be read was said when the one before it was; nothing was said in the future: in this program no message is older
    /// than the one before it, so that a single wrong year would put every later one there.</summary>
    private List<(OldRoom Room, OldMessage Message, DateTimeOffset At, string? Doubt)> Order(List<(OldRoom Room, OldMessage Message)> old)
    {
        var (now, last) = (clock.GetUtcNow(), DateTimeOffset.UnixEpoch);
        List<(OldRoom Room, OldMessage Message, DateTimeOffset At, string? Doubt)> dated = [];
        foreach (var (room, message) in old.OrderBy(pair => pair.Message.Id))
        {
            var (at, doubt) = message.At is not { } said ? (last, "its time can't be read; taken as that of the message before it")
                : said > now ? (now, "its time lies in the future; taken as now")
                : (said, (string?)null);
            last = doubt is null ? at : last;
            dated.Add((room, message, at, doubt));
        }
        return [.. dated.OrderBy(each => each.At).ThenBy(each => each.Message.Id)];
    }
}
