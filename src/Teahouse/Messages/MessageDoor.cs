using System.Net;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Saying something over HTTP, for every address that does it: the pace, per author and network address. Thread-safe.</summary>
internal sealed class MessageDoor(PostMessage post, EditMessage edit, RateLimits limits)
{
    /// <exception cref="RefusedException">As of <see cref="PostMessage"/>, and <see cref="Refusal.RateLimited"/>.</exception>
    public Task<Posted> PostAsync(HttpContext context, RoomPass pass, string? text, string? nonce)
    {
        Take(context, pass);
        return post.ExecuteAsync(pass, new PostMessageInput(text ?? throw new RefusedException(Refusal.EmptyMessage) { Field = "message" }, nonce));
    }

    /// <exception cref="RefusedException">As of <see cref="EditMessage"/>, and <see cref="Refusal.RateLimited"/>.</exception>
    public Task<Message> EditAsync(HttpContext context, RoomPass pass, long id, string? text, CancellationToken ct)
    {
        Take(context, pass);
        return edit.ExecuteAsync(pass, id, text ?? throw new RefusedException(Refusal.EmptyMessage) { Field = "message" }, ct);
    }

    private void Take(HttpContext context, RoomPass pass)
    {
        pass.Caller.Require(TokenScope.Write);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        limits.TakeMessage(pass.Caller, address, "a:" + ClientNetwork.Of(address));
    }
}
