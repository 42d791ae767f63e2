using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>What a caller wants to say.</summary>
/// <param name="Text">As received; trimmed and checked here.</param>
/// <param name="Nonce">The client's own id for this message, 1 to 64 characters, or null.</param>
/// <param name="IsFromSocket">Whoever waits for the answer only sends a frame then: that may run on the thread that publishes, and the message may be kept until shortly before the room's next round (<see cref="Gathering"/>).</param>
public sealed record PostMessageInput(string Text, string? Nonce, bool IsFromSocket = false);

/// <summary>A message that is on disk.</summary>
/// <param name="Message">The new message, or the first one with this nonce.</param>
/// <param name="IsRepeat">The nonce was used before and nothing was stored now.</param>
public sealed record Posted(Message Message, bool IsRepeat);

/// <summary>Posts one message: the only way anything said gets into a room, whatever door it came through. Thread-safe.</summary>
public sealed class PostMessage(Db db, RoomLog log, PostWrite write, ConnectionRegistry registry, Settings settings, TimeProvider time)
{
    /// <summary>Code points that a nonce has at most.</summary>
    public const int MaxNonceLength = 64;

    /// <summary>Returns when the message is on disk; everybody in the room is told by then or a moment later. Calls of one
    /// socket for one room, made one after the other, are committed in that order.</summary>
    /// <exception cref="RefusedException">Bad or empty text, a nonce used for another text, a room archived or gone, or a busy database.</exception>
    public Task<Posted> ExecuteAsync(RoomPass pass, PostMessageInput input)
    {
        pass.Caller.Require(TokenScope.Write);
        var text = MessageText.Parse(input.Text, settings.MessageChars);
        if (input.Nonce is { } nonce && !IsNonce(nonce))
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "nonce" };
        }
        var caller = pass.Caller;
        var draft = new Message
        {
            Id = 0,
            RoomId = pass.Room?.Id ?? 0,
            Seq = 0,
            Rev = 0,
            Kind = Message.TextKind,
            UserId = caller.UserId,
            AuthorName = caller.Username,
            DisplayName = caller.IsUser ? caller.DisplayName : "",
            AvatarColour = caller.AvatarColour,
            IsGuest = caller.IsGuest,
            AuthorKey = caller.AuthorKey,
            BotName = caller.IsBot ? caller.Token?.BotName ?? "" : null,
            Nonce = input.Nonce,
            Text = text,
            CreatedAt = time.GetUtcNow(),
        };
        return PostAsync(pass, draft, input.IsFromSocket);
    }

    /// <summary>One to <see cref="MaxNonceLength"/> code points, none of them a control character.</summary>
    public static bool IsNonce(string text) => text.Length is > 0 and <= 2 * MaxNonceLength && !text.Any(char.IsControl) && (text.Length <= MaxNonceLength || text.EnumerateRunes().Count() <= MaxNonceLength);

    private async Task<Posted> PostAsync(RoomPass pass, Message draft, bool isFromSocket)
    {
        var feed = isFromSocket ? registry.FindFeed(pass.FeedTopic) : null;
        if (feed is not null)
        {
            await feed.SayAsync();
        }
        try
        {
            // Not to be cancelled: a client that hangs up meanwhile has still said it.
            var appended = await db.WriteAsync(write, new PostItem(pass, draft, isFromSocket));
            return new Posted(appended.Message, IsRepeat: false);
        }
        catch (Exception e)
        {
            feed?.Gathering.Unsay();
            if (e is NonceRepeatedException)
            {
                return await FindFirstAsync(pass, draft);
            }
            throw;
        }
    }

    private async Task<Posted> FindFirstAsync(RoomPass pass, Message draft)
    {
        var first = await db.ReadAsync(session => log.FindByNonceAsync(session, pass, draft), CancellationToken.None)
            ?? throw new RefusedException(Refusal.Busy);
        // An edited or deleted message no longer holds the text it was sent with.
        return first.EditedAt is null && first.DeletedAt is null && first.Text != draft.Text
            ? throw new RefusedException(Refusal.Conflict)
            : new Posted(first, IsRepeat: true);
    }
}
