using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks.Webhooks;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class WebhooksApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_registered_listed_without_its_secret_and_removed()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);

        string[] rooms = ["den", "DEN"];
        using var made = await admin.PostAsJsonAsync("/api/v1/webhooks", new { url = "https://a.example/in", rooms }, Ct);
        var answer = (await made.Content.ReadFromJsonAsync<JsonObject>(Ct))!;

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.StartsWith("whsec_", (string?)answer["secret"], StringComparison.Ordinal);
        Assert.Equal(["den"], answer["rooms"]!.AsArray().Select(room => (string?)room));
        var listed = await admin.GetStringAsync("/api/v1/webhooks", Ct);
        Assert.Contains("https://a.example/in", listed, StringComparison.Ordinal);
        Assert.DoesNotContain((string)answer["secret"]!, listed, StringComparison.Ordinal);
        using var removed = await admin.DeleteAsync($"/api/v1/webhooks/{answer["id"]}", Ct);
        using var again = await admin.DeleteAsync($"/api/v1/webhooks/{answer["id"]}", Ct);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, again.StatusCode));
    }

    [Theory]
    [InlineData("""{"url":"ftp://a.example","rooms":["den"]}""", 400)]
    [InlineData("""{"url":"https://user:pass@a.example","rooms":["den"]}""", 400)]
    [InlineData("""{"url":"/relative","rooms":["den"]}""", 400)]
    [InlineData("""{"url":"https://a.example","rooms":[]}""", 400)]
    [InlineData("""{"url":"https://a.example"}""", 400)]
    [InlineData("""{"url":"https://a.example","rooms":["den"],"secret":"short"}""", 400)]
    [InlineData("""{"url":"https://a.example","rooms":["bobs"]}""", 404)]
    [InlineData("""{"url":"https://a.example","rooms":["nowhere"]}""", 404)]
    [InlineData("""{"url":"https://a.example","rooms":[null]}""", 400)]
    public async Task What_cannot_be_registered_is_refused(string body, int status)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        using var bob = await server.SignInAsync("bob");
        await bob.CreateRoomAsync("bobs", "private");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await admin.PostAsync("/api/v1/webhooks", content, Ct);

        Assert.Equal(status, (int)response.StatusCode);
    }

    private static async Task<HttpClient> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        return await server.CreateBotAsync("alice", "admin");
    }
}
