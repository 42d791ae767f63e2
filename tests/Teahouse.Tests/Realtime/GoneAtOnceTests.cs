using Microsoft.Extensions.Configuration;
using Teahouse.Realtime;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Realtime;

/// <summary>Clients that are gone while they are still being let in.</summary>
[Trait("Speed", "Medium")]
public sealed class GoneAtOnceTests
{
    [Fact]
    public async Task A_socket_that_ends_before_it_is_registered_keeps_no_place()
    {
        var settings = Settings.Read(new ConfigurationBuilder().Build());
        var registry = new ConnectionRegistry(settings, new NoBackplane());
        var ended = new TaskCompletionSource();
        var (wire, connection) = GatedWire.Connect(settings, TimeProvider.System, connection =>
        {
            registry.Remove(connection);
            ended.SetResult();
        });
        using (wire)
        {
            Assert.True(registry.TryReserve());
            connection.End();
            await ended.Task;

            registry.Add(connection);

            Assert.Equal((0, 0), (registry.Count, registry.Places));
            connection.Dispose();
        }
    }

    [Fact]
    public void Who_is_left_before_they_are_counted_as_present_is_not_counted()
    {
        var settings = Settings.Read(new ConfigurationBuilder().Build());
        var registry = new ConnectionRegistry(settings, new NoBackplane());
        var (wire, connection) = GatedWire.Connect(settings, TimeProvider.System);
        var one = registry.Subscribe(connection, Topic.Room("one"), "one", null)!;
        var two = registry.Subscribe(connection, Topic.Room("two"), "two", null)!;

        Assert.True(one.TryEnter());
        Assert.True(one.TryLeave());
        Assert.False(one.TryLeave());
        Assert.False(two.TryLeave());
        Assert.False(two.TryEnter());
        Assert.False(two.TryLeave());
        connection.Dispose();
        wire.Dispose();
    }

    [Fact]
    public async Task Who_comes_and_goes_in_a_moment_is_away_afterwards()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var cookies = (await server.SignInCookiesAsync("alice")).GetCookieHeader(server.Address);
        string[] identity = [$"Cookie: {cookies}", $"Origin: {server.Address.GetLeftPart(UriPartial.Authority)}", "Sec-WebSocket-Protocol: teahouse.v1"];
        var request = RawSocket.Handshake(server.Address, "/ws/chat/r/", identity);

        for (var i = 0; i < 40; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(async n =>
            {
                var socket = n % 2 == 0 ? await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/", null, identity) : await RawSocket.DialAsync(server.Address);
                if (n % 2 == 1)
                {
                    await socket.SendAsync(request);
                }
                socket.Reset();
            }));
        }

        await Eventually.TrueAsync(() => server.Get<ConnectionRegistry>() is { Count: 0, Places: 0 });
        await Eventually.TrueAsync(() => server.Get<Presence>().List(Topic.Room("r")).Count == 0);
    }
}
