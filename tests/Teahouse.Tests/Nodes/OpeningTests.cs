using System.Net.Http.Json;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>A socket that is open, but has not joined its room yet: its node still asks Redis or the database.</summary>
[Trait("Speed", "Medium")]
public sealed class OpeningTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_said_while_it_joins_reaches_a_client_that_knows_no_history(bool isNewRoom)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        await using var there = await SocketClient.ConnectAsync(nodes.B, "/ws/chat/tea/");
        if (!isNewRoom)
        {
            await SayAsync(there, "before");
        }

        // Its node waits for Redis to take its subscription, for a while.
        nodes.Gates[0].Shut();
        await using var here = await SocketClient.ConnectAsync(nodes.A, "/ws/chat/tea/");
        await SayAsync(there, "one");
        await SayAsync(there, "two");
        var (one, two) = (await here.ReceiveAsync(), await here.ReceiveAsync());
        nodes.Gates[0].Open();

        Assert.Equal(("one", "two"), ((string?)one["message"], (string?)two["message"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SocketClient.V1)]
    public async Task A_socket_whose_room_is_begun_anew_before_it_joins_comes_back_for_the_new_one(string? protocol)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);
        using var alice = await nodes.A.CreateBotAsync("alice");
        await BeginRoomAsync();
        var bob = await nodes.A.SignInCookiesAsync("bob");
        using var page = await nodes.A.CreateClient(bob).GetAsync(new Uri("/chat/", UriKind.Relative), Ct);
        var cluster = await TestDatabase.ClusterAsync();
        await using var connection = await cluster.OpenAsync(nodes.Database);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new Npgsql.NpgsqlCommand("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await hold.ExecuteNonQueryAsync(Ct);

        // The sign-in is known from the page. Once the socket is open, the database is asked whether it still holds.
        await using var socket = await SocketClient.ConnectAsync(nodes.A.Address, "/ws/chat/tea/", protocol, bob);
        (await alice.DeleteAsync(new Uri("/api/v1/rooms/tea", UriKind.Relative), Ct)).EnsureSuccessStatusCode();
        await BeginRoomAsync();
        await transaction.RollbackAsync(Ct);

        Assert.Equal(1012, await socket.ReceiveCloseAsync());

        async Task BeginRoomAsync() =>
            (await alice.PostAsJsonAsync(new Uri("/api/v1/rooms", UriKind.Relative), new { name = "tea", title = "", topic = "", access = "guests" }, Ct)).EnsureSuccessStatusCode();
    }

    private static async Task SayAsync(SocketClient socket, string text)
    {
        await socket.SendAsync(new { message = text });
        await socket.ReceiveAsync(frame => (string?)frame["message"] == text);
    }
}
