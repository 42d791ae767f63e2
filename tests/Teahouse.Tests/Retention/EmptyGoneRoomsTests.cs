using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Teahouse.Retention;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Retention;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class EmptyGoneRoomsTests
{
    private const int Many = 700;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_room_is_gone_at_once_and_emptied_afterwards()
    {
        // Without the work: it is done here, when it is to be.
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, works: false);
        using var alice = await server.CreateBotAsync("alice");
        (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        await FillRooms.FillAsync(server, "den", Many);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1, await server.SignInCookiesAsync("bob"));
        await socket.ReceiveAsync("subscribed");

        (await alice.DeleteAsync(new Uri("/api/v1/rooms/den", UriKind.Relative), Ct)).EnsureSuccessStatusCode();

        Assert.Equal(4504, await socket.ReceiveCloseAsync());
        foreach (var path in (string[])["/api/v1/rooms/den", "/api/v1/rooms/den/messages"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(new Uri(path, UriKind.Relative), Ct)).StatusCode);
        }
        using var said = await alice.PostAsJsonAsync(new Uri("/api/v1/rooms/den/messages", UriKind.Relative), new { message = "x" }, Ct);
        Assert.Equal(HttpStatusCode.NotFound, said.StatusCode);
        Assert.Empty((await alice.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms", UriKind.Relative), Ct))!["rooms"]!.AsArray());
        Assert.True(await CountAsync(server) >= Many);

        // The name is free for another, which begins after the old one's history.
        (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        using var empty = new EmptyGoneRooms(server.Get<Db>(), TimeProvider.System, NullLogger<EmptyGoneRooms>.Instance);
        await empty.RunAsync(Ct);

        Assert.True(await CountAsync(server) <= 1);
        Assert.Equal(1, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM rooms"), Ct));
        var page = await alice.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms/den/messages", UriKind.Relative), Ct);
        Assert.True((long)page!["rev"]! > Many);
    }

    [Fact]
    public async Task What_was_under_way_is_not_stored_in_a_room_that_is_gone()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, works: false);
        using var alice = await server.CreateBotAsync("alice");
        (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        await FillRooms.FillAsync(server, "den", Many);
        var pass = await server.Get<RoomAccess>().FindAsync(Caller.System, "den", Ct);
        (await alice.DeleteAsync(new Uri("/api/v1/rooms/den", UriKind.Relative), Ct)).EnsureSuccessStatusCode();

        var refused = await Assert.ThrowsAsync<RefusedException>(() => server.Get<Teahouse.Messages.PostMessage>().ExecuteAsync(pass, new("late", null)));

        Assert.Equal(Refusal.NoSuchRoom, refused.Refusal);
    }

    [Fact]
    public async Task A_small_room_that_is_deleted_while_everybody_talks_leaves_nothing()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, works: false);
        using var alice = await server.CreateBotAsync("alice");
        for (var round = 0; round < 5; round++)
        {
            (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = $"den-{round}", access = "guests" }, Ct)).EnsureSuccessStatusCode();
            var pass = await server.Get<RoomAccess>().FindAsync(Caller.System, $"den-{round}", Ct);
            var post = server.Get<Teahouse.Messages.PostMessage>();
            var stored = 0;
            var talking = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    try
                    {
                        await post.ExecuteAsync(pass, new("talk", null));
                        Interlocked.Increment(ref stored);
                    }
                    catch (RefusedException e) when (e.Refusal == Refusal.NoSuchRoom)
                    {
                        return;
                    }
                }
            }, Ct)).ToList();
            await Eventually.TrueAsync(() => Volatile.Read(ref stored) > 8);

            (await alice.DeleteAsync(new Uri($"/api/v1/rooms/den-{round}", UriKind.Relative), Ct)).EnsureSuccessStatusCode();
            await Task.WhenAll(talking);
        }

        using var empty = new EmptyGoneRooms(server.Get<Db>(), TimeProvider.System, NullLogger<EmptyGoneRooms>.Instance);
        await empty.RunAsync(Ct);
        Assert.Equal(0, await CountAsync(server));
        Assert.Equal(0, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM rooms"), Ct));
    }

    [Fact]
    public async Task A_project_of_many_chats_goes_with_all_of_them()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, works: false);
        using var alice = await server.SignInAsync("alice");
        var slug = await alice.CreateProjectAsync("Tea");
        var db = server.Get<Db>();
        await FillRooms.AddChatsAsync(server, 1, ownerId: 1, count: 120);

        using var answer = await alice.PostFormFromAsync("/projects/", $"/projects/{slug}/delete/", ("typed_name", slug));

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(0, await db.ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM rooms WHERE kind = 'project'"), Ct));
        Assert.Equal(0, await db.ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM project_chats"), Ct));
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(new Uri($"/projects/{slug}/", UriKind.Relative), Ct)).StatusCode);
    }

    private static Task<long> CountAsync(TestServer server) => server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM messages"), Ct);
}
