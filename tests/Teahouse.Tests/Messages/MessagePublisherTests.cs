using System.Net.Http.Json;
using Teahouse.Messages;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Transport", "Any")]
public sealed class MessagePublisherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_fails_keeps_nobody_behind_it_waiting()
    {
        await using var server = await TestServer.StartAsync();
        var publisher = server.Get<MessagePublisher>();
        var next = new Arrival();

        publisher.Enqueue(new Broken());
        publisher.Enqueue(next);
        await next.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);

        // And it goes on to be woken.
        var last = new Arrival();
        publisher.Enqueue(last);
        await last.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }

    [Fact]
    public async Task What_waits_for_something_lost_is_published_although_nothing_else_comes()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await server.CreateBotAsync("bot");
        using (var made = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms", UriKind.Relative), new { name = "quiet", access = "members" }, Ct))
        {
            made.EnsureSuccessStatusCode();
        }
        await using var stream = await EventReader.OpenAsync(bot, "/api/v1/rooms/quiet/stream");
        await stream.ReceiveAsync("subscribed");
        using (var said = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/quiet/messages", UriKind.Relative), new { message = "one" }, Ct))
        {
            said.EnsureSuccessStatusCode();
        }
        await stream.ReceiveAsync("message");
        var topic = (await server.Get<RoomAccess>().FindAsync(Caller.System, "quiet", Ct)).FeedTopic;
        var feed = server.Get<ConnectionRegistry>().FindFeed(topic);
        Assert.NotNull(feed);
        var next = feed.HeadRev + 2;

        server.Get<MessagePublisher>().EnqueueForeign(topic, new EncodedEvent(next, default, WireFrame.Encode(WireFrame.Text, "{}"u8)));

        await Eventually.TrueAsync(() => feed.HeadRev == next);
    }

    private sealed class Broken : IThreadPoolWorkItem
    {
        public void Execute() => throw new InvalidOperationException("An author who fails.");
    }
}
