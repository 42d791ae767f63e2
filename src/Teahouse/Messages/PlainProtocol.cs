using System.Text.Json;
using Teahouse.Realtime;
using Teahouse.Rooms;

namespace Teahouse.Messages;

/// <summary>The protocol of systems B, C and D (SPEC 4.1): one room, messages in, messages and errors out.</summary>
internal sealed class PlainProtocol(Connection connection, RoomPass pass, SocketServices services) : SocketProtocol(connection, services)
{
    private RoomPass _pass = pass;

    protected override async ValueTask<Task> ActAsync(JsonElement frame)
    {
        var text = Text(frame, "message") ?? throw new RefusedException(Refusal.BadFrame);
        var nonce = Nonce(frame);
        if (_pass.IsUnborn)
        {
            _pass = await Services.Access.EnterAsync(Connection.Caller, _pass.Name, Connection.Ended);
        }
        var pass = _pass = _pass.Of(Connection.Caller);
        if (pass.Caller.IsGuest && Text(frame, "username") is { Length: > 0 } nickname && nickname != pass.Caller.Username)
        {
            var name = await Services.Nicknames.CheckAsync(nickname, Connection.Ended);
            pass = pass.As(pass.Caller with { Kind = CallerKind.Guest, Username = name, DisplayName = name });
        }
        TakeMessage(pass.Caller);
        var post = Services.Post.ExecuteAsync(pass, new PostMessageInput(text, nonce, IsFromSocket: true));
        return FinishAsync(post, new Echo(null, nonce), posted =>
        {
            // A repeat from before this socket was opened: its sender has not seen it here, and would wait for ever.
            if (posted.IsRepeat && Connection.FindSubscription(pass.FeedTopic) is { } subscription && posted.Message.Rev <= subscription.FirstRev)
            {
                Connection.SendFrame(Services.Encoder.EncodePlain(posted.Message, pass.Name));
            }
        });
    }

    protected override void SendError(string code, string message, TimeSpan? retryAfter, Echo? echo)
    {
        Connection.Send(ErrorFrame.Plain(code, message, retryAfter, echo?.Nonce));
    }
}
