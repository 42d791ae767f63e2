using Microsoft.AspNetCore.SignalR;

namespace Teahouse.Bench.AspNet;

/// <summary>A room is a group.</summary>
internal sealed class ChatHub : Hub
{
    public override async Task OnConnectedAsync()
    {
        var room = Context.GetHttpContext()?.Request.Query["room"].ToString() ?? "";
        Context.Items["room"] = room;
        await Groups.AddToGroupAsync(Context.ConnectionId, room);
    }

    public Task Say(string message) => Clients.Group(Context.Items["room"] as string ?? "").SendAsync("message", message);
}
