using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Teahouse.Tests.Support;

/// <summary>Alice, whose room <c>den</c> has an outgoing webhook.</summary>
public sealed class HookOwner : IDisposable
{
    private readonly Uri _url;

    private HookOwner(HttpClient client, Uri url) => (Client, _url) = (client, url);

    public HttpClient Client { get; }

    public long Id { get; private set; }

    public string Secret { get; private set; } = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="server">Where.</param>
    /// <param name="receiver">Where messages are sent.</param>
    /// <param name="registersLate">Not before <see cref="RegisterAsync"/>.</param>
    public static async Task<HookOwner> CreateAsync(TestServer server, WebhookReceiver receiver, bool registersLate = false)
    {
        var owner = await PrepareAsync(server, receiver.Address);
        if (!registersLate)
        {
            await owner.RegisterAsync();
        }
        return owner;
    }

    public static async Task<HookOwner> CreateAsync(TestServer server, Uri url)
    {
        var owner = await PrepareAsync(server, url);
        await owner.RegisterAsync();
        return owner;
    }

    /// <summary>Without a webhook.</summary>
    public static async Task<HookOwner> PrepareAsync(TestServer server, Uri? url = null)
    {
        var client = await server.CreateBotAsync("alice", "admin");
        using var made = await client.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "private" }, Ct);
        made.EnsureSuccessStatusCode();
        return new HookOwner(client, url ?? new Uri("http://nowhere.invalid/"));
    }

    /// <summary>Registers the webhook for these rooms, or for <c>den</c>.</summary>
    public async Task RegisterAsync(params string[] rooms)
    {
        using var made = await Client.PostAsJsonAsync("/api/v1/webhooks", new { url = _url, rooms = rooms.Length > 0 ? rooms : ["den"] }, Ct);
        var answer = await made.ReadJsonAsync();
        Assert.True(made.IsSuccessStatusCode, answer.ToJsonString());
        (Id, Secret) = ((long)answer["id"]!, (string)answer["secret"]!);
    }

    /// <summary>Says something in <c>den</c> and returns its id.</summary>
    public async Task<long> SayAsync(string text)
    {
        using var said = await Client.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = text }, Ct);
        said.EnsureSuccessStatusCode();
        return (long)(await said.ReadJsonAsync())["id"]!;
    }

    /// <summary>One of the webhook's calls, such as <c>test</c>, and its answer.</summary>
    public async Task<JsonObject> PostAsync(string call, object? body = null)
    {
        using var response = await Client.PostAsJsonAsync($"/api/v1/webhooks/{Id}/{call}", body ?? new { }, Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>How the webhook stands.</summary>
    public async Task<JsonObject> GetAsync() =>
        (await Client.GetFromJsonAsync<JsonObject>("/api/v1/webhooks", Ct))!["webhooks"]!.AsArray().Select(each => each!.AsObject()).Single(each => (long)each["id"]! == Id);

    /// <summary>Latest first.</summary>
    public async Task<JsonArray> ListDeliveriesAsync() => (await Client.GetFromJsonAsync<JsonObject>($"/api/v1/webhooks/{Id}/deliveries", Ct))!["deliveries"]!.AsArray();

    /// <summary>Waits until so many are in the list.</summary>
    public async Task<JsonArray> WaitForDeliveriesAsync(int count)
    {
        JsonArray found = [];
        await Eventually.TrueAsync(async () => (found = await ListDeliveriesAsync()).Count >= count, () => $"{found.Count} deliveries instead of {count}: {found.ToJsonString()}");
        return found;
    }

    public void Dispose() => Client.Dispose();
}
