using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>A site whose messages go to a <see cref="FakeGoogle"/>.</summary>
public sealed class SheetServer : IAsyncDisposable
{
    private readonly bool _ownsGoogle;

    private SheetServer(TestServer server, FakeGoogle google, HttpClient bot, bool ownsGoogle) => (Server, Google, Bot, _ownsGoogle) = (server, google, bot, ownsGoogle);

    public TestServer Server { get; }

    public FakeGoogle Google { get; }

    /// <summary>Alice's program, which may speak.</summary>
    public HttpClient Bot { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SheetServer> StartAsync(FakeGoogle? google = null, IEnumerable<(string Name, string Value)>? settings = null, string? dataDirectory = null, TimeProvider? clock = null)
    {
        var fake = google ?? await FakeGoogle.StartAsync();
        var server = await TestServer.StartAsync([.. SharedServer.NoLimits, .. fake.Settings, .. settings ?? []], dataDirectory, clock);
        var bot = await server.CreateBotAsync("alice");
        if (dataDirectory is null)
        {
            await AddRoomAsync(server, "plaza");
        }
        return new SheetServer(server, fake, bot, google is null);
    }

    /// <summary>A room in which nothing was said yet, not even by the system.</summary>
    public static Task AddRoomAsync(TestServer server, string name) => server.Get<Db>().WriteAsync(session => session.ExecuteAsync("""
        INSERT INTO rooms (kind, name, name_key, title, topic, access, created_at)
        VALUES ('room', @name, @name, '', '', 'guests', 1)
        """, new { name }), Ct);

    /// <summary>Says something in a room; returns its id.</summary>
    public async Task<long> SayAsync(string text, string room = "plaza")
    {
        using var answer = await Bot.PostAsJsonAsync($"/api/v1/rooms/{room}/messages", new { message = text }, Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Ct)}");
        return (long)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
    }

    /// <summary>Waits until exactly these are in the sheet, in their order.</summary>
    public Task HasAsync(params IEnumerable<long> ids)
    {
        long[] expected = [.. ids];
        return Eventually.TrueAsync(() => Google.Sheet.Ids().SequenceEqual(expected),
            () => $"expected {string.Join(' ', expected.Take(50))}, found {string.Join(' ', Google.Sheet.Ids().Take(50))}; calls {string.Join(' ', Google.Calls.TakeLast(20))}");
    }

    /// <summary>As above, while the clock goes on by itself: what waits for a time may have begun to wait a moment after it was last set.</summary>
    public Task HasAsync(ShiftedClock clock, params IEnumerable<long> ids)
    {
        long[] expected = [.. ids];
        var asked = 0;
        return Eventually.TrueAsync(() =>
        {
            if (++asked % 30 == 0)
            {
                clock.Offset += TimeSpan.FromSeconds(11);
            }
            return Google.Sheet.Ids().SequenceEqual(expected);
        }, () => $"expected {string.Join(' ', expected.Take(50))}, found {string.Join(' ', Google.Sheet.Ids().Take(50))}; calls {string.Join(' ', Google.Calls.TakeLast(20))}");
    }

    public async ValueTask DisposeAsync()
    {
        Bot.Dispose();
        await Server.DisposeAsync();
        if (_ownsGoogle)
        {
            await Google.DisposeAsync();
        }
    }
}
