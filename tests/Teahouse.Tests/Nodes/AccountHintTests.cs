using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>What concerns an account itself reaches its sockets on the other node too when Redis does not carry it.</summary>
[Trait("Speed", "Slow")]
public sealed class AccountHintTests
{
    [Theory]
    [InlineData("no Redis")]
    [InlineData("killed")]
    [InlineData("heard")]
    public async Task A_new_membership_and_a_moved_chat_are_told_on_the_other_node(string redis)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: redis != "no Redis");
        using var bob = await nodes.A.SignInAsync("bob");
        var project = await bob.CreateProjectAsync("茶館");
        using var alice = await nodes.A.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        var cookies = await nodes.A.SignInCookiesAsync("bob");
        await using var socket = await SocketClient.ConnectAsync(nodes.B.Address, "/ws/", SocketClient.V1, TwoNodes.At(nodes.B, cookies));
        await socket.ReceiveAsync("hello");
        if (redis == "killed")
        {
            await nodes.Redis!.KillAsync();
        }

        await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "bob"));
        Assert.Equal("den", (string?)(await socket.ReceiveAsync("room"))["room"]);

        var room = await alice.OpenChatAsync(project);
        await alice.PostFormAsync($"/chats/project/{project}/{room}/", ("content", "在嗎？"));
        var moved = await socket.ReceiveAsync(frame => (string?)frame["type"] == "heartbeat" && frame["rooms"]!.AsObject().ContainsKey(room));
        Assert.Equal(1, (long?)moved["rooms"]![room]);
    }
}
