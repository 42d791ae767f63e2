using System.Net;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

/// <summary>Nobody hears a room that is not theirs, whatever happened before or happens at the same moment (SPEC 6.11).</summary>
[Trait("Speed", "Medium")]
public sealed class RoomSecrecyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("private")]
    [InlineData("members")]
    public async Task Who_waited_at_an_unused_name_does_not_hear_the_closed_room_made_under_it(string access)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/secret/");
        await using var many = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await many.SendAsync(new { type = "subscribe", room = "secret" });
        await many.ReceiveAsync("subscribed");

        await alice.CreateRoomAsync("secret", access);
        await alice.PostFormAsync("/room/secret/", ("content", "for us alone"));

        Assert.Equal(4503, await plain.ReceiveCloseAsync());
        Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
        await many.SendAsync(new { type = "ping" });
        await many.ReceiveAsync("pong");
        Assert.Empty(plain.Seen);
        Assert.DoesNotContain(many.Seen, frame => (string?)frame["type"] is "message" or "room");
    }

    [Fact]
    public async Task Who_waited_at_an_unused_name_hears_the_open_room_made_under_it()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await using var visitor = await SocketClient.ConnectAsync(server, "/ws/chat/open/");

        await alice.CreateRoomAsync("open", "guests");
        await alice.PostFormAsync("/room/open/", ("content", "come in"));

        await visitor.ReceiveAsync(frame => (string?)frame["message"] == "come in");
    }

    [Fact]
    public async Task A_title_given_while_the_door_closes_stays_inside()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bobCookies = await server.SignInCookiesAsync("bob");
        await alice.CreateRoomAsync("r", "guests");
        await using var visitor = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await using var bob = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, bobCookies);
        await bob.SendAsync(new { type = "subscribe", room = "r" });
        await bob.ReceiveAsync("subscribed");

        await alice.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "inside only"), ("topic", ""), ("access", "private"));

        Assert.Equal(4503, await visitor.ReceiveCloseAsync());
        await bob.ReceiveAsync("error");
        await bob.SendAsync(new { type = "ping" });
        await bob.ReceiveAsync("pong");
        Assert.DoesNotContain("inside only", string.Concat(visitor.Seen.Concat(bob.Seen).Select(frame => frame.ToJsonString())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_from_before_a_removal_opens_nothing()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bob = new Caller { Kind = CallerKind.User, UserId = await server.AddUserAsync("bob"), Username = "bob", DisplayName = "bob" };
        await alice.CreateRoomAsync("den", "private");
        await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "bob"));
        var pass = await server.Get<RoomAccess>().FindAsync(bob, "den", Ct);
        await alice.PostFormAsync("/room/den/settings/", ("act", "remove"), ("user_id", $"{bob.UserId}"));

        // As when a message and a removal are on their way at the same moment: speaking must not bring the membership back.
        await Assert.ThrowsAsync<RefusedException>(() => server.Get<Teahouse.Messages.PostMessage>().ExecuteAsync(pass, new("still here?", null)));
        await Assert.ThrowsAsync<RefusedException>(() => server.Get<JoinRoom>().ExecuteAsync(pass, Ct));
        await server.Get<Teahouse.Messages.MarkRead>().ExecuteAsync(pass, 1, Ct);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => server.Get<RoomAccess>().FindAsync(bob, "den", Ct));
        Assert.Equal(Refusal.NoSuchRoom, refused.Refusal);
    }

    [Fact]
    public async Task A_moderator_of_a_moment_ago_moderates_no_more()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bob = new Caller { Kind = CallerKind.User, UserId = await server.AddUserAsync("bob"), Username = "bob", DisplayName = "bob" };
        await server.AddUserAsync("carol");
        await alice.CreateRoomAsync("r", "members");
        await alice.PostFormAsync("/room/r/settings/", ("act", "add"), ("username", "bob"));
        await alice.PostFormAsync("/room/r/settings/", ("act", "role"), ("user_id", $"{bob.UserId}"), ("role", "moderator"));
        var pass = await server.Get<RoomAccess>().FindAsync(bob, "r", Ct);
        await alice.PostFormAsync("/room/r/settings/", ("act", "role"), ("user_id", $"{bob.UserId}"), ("role", "member"));

        var update = await Assert.ThrowsAsync<RefusedException>(() => server.Get<UpdateRoom>().ExecuteAsync(pass, new("mine", "", "guests"), Ct));
        var add = await Assert.ThrowsAsync<RefusedException>(() => server.Get<AddMember>().ExecuteAsync(pass, "carol", Ct));

        Assert.Equal((Refusal.Forbidden, Refusal.Forbidden), (update.Refusal, add.Refusal));
    }

    [Fact]
    public async Task Acting_on_a_room_deleted_a_moment_ago_is_a_plain_no()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddUserAsync("alice");
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "members");
        var pass = await server.Get<RoomAccess>().FindAsync(new Caller { Kind = CallerKind.User, UserId = id, Username = "alice" }, "r", Ct);
        await server.AddUserAsync("bob");
        await alice.PostFormAsync("/room/r/settings/", ("act", "delete"), ("typed_name", "r"));

        var operations = server.Get<RoomOperations>();
        foreach (var act in (Func<Task>[])
        [
            () => operations.Add.ExecuteAsync(pass, "bob", Ct),
            () => operations.Archive.ExecuteAsync(pass, true, Ct),
            () => operations.Update.ExecuteAsync(pass, new("t", "", "guests"), Ct),
            () => operations.Role.ExecuteAsync(pass, id, "member", Ct),
            () => operations.Remove.ExecuteAsync(pass, id, Ct),
            () => operations.Leave.ExecuteAsync(pass, Ct),
            () => operations.Delete.ExecuteAsync(pass, "r", Ct),
            () => server.Get<JoinRoom>().ExecuteAsync(pass, Ct),
        ])
        {
            Assert.Equal(Refusal.NoSuchRoom, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal);
        }
    }

    [Fact]
    public async Task The_name_of_a_deleted_room_is_nobodys_who_merely_speaks_there()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var mallory = await server.SignInAsync("mallory");
        using var guest = server.CreateClient();
        await alice.CreateRoomAsync("board", "private");
        await using var waiting = await SocketClient.ConnectAsync(server, "/ws/chat/plaza/");
        await alice.CreateRoomAsync("plaza", "guests");
        foreach (var name in (string[])["board", "plaza"])
        {
            await alice.PostFormAsync($"/room/{name}/settings/", ("act", "delete"), ("typed_name", name));
        }

        using var page = await guest.GetAsync(new Uri("/chat/BOARD/?username=stranger", UriKind.Relative), Ct);
        using var posted = await mallory.PostFormFromAsync("/", "/chat/board/", ("content", "mine now"));
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/board/");

        Assert.StartsWith("/login/", page.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, posted.StatusCode);
        Assert.Equal(4503, await socket.ReceiveCloseAsync());
        Assert.NotEqual(0, await waiting.ReceiveCloseAsync());
        // Who makes a room by its form knows what they do.
        await mallory.CreateRoomAsync("board", "members");
    }

    [Fact]
    public async Task A_reader_of_a_deleted_room_forgets_it_when_its_name_is_used_again()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "guests");
        await alice.PostFormAsync("/room/r/", ("content", "old words"));
        var epoch = server.Get<Db>().Epoch;
        await alice.PostFormAsync("/room/r/settings/", ("act", "delete"), ("typed_name", "r"));
        await alice.CreateRoomAsync("R", "guests");
        foreach (var text in (string[])["new 1", "new 2", "new 3"])
        {
            await alice.PostFormAsync("/room/r/", ("content", text));
        }

        await using var returning = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await returning.SendAsync(new { type = "subscribe", room = "r", after = 2, epoch });
        var subscribed = await returning.ReceiveAsync("subscribed");

        Assert.True((bool?)subscribed["reset"]);
        Assert.Equal([1, 2, 3, 4], subscribed["messages"]!.AsArray().Select(message => (int)message!["seq"]!));
    }

    [Theory]
    [InlineData("/room/{0}/join/")]
    [InlineData("/room/{0}/leave/")]
    public async Task A_stranger_can_neither_join_nor_leave_a_private_room(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("secret", "private");
        using var mallory = await server.SignInAsync("mallory");

        var secret = await mallory.PostFormFromAsync("/", string.Format(null, path, "secret"));
        var nothing = await mallory.PostFormFromAsync("/", string.Format(null, path, "nosuch"));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (secret.StatusCode, nothing.StatusCode));
    }
}
