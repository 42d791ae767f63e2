using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

[Trait("Database", "Both")]
public sealed class SinksApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_administrators_program_adds_a_sheet_sees_how_it_fares_and_removes_it()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var server = await TestServer.StartAsync(google.Quick);
        await server.AddUserAsync("root", isAdmin: true);
        using var root = await server.CreateBotAsync("root", "admin");
        await SheetServer.AddRoomAsync(server, "plaza");
        var ids = await SheetTests.FillAsync(server, "plaza", 3);

        using var made = await root.PostAsJsonAsync("/api/v1/sinks", new { spreadsheet = FakeGoogle.Spreadsheet, key = JsonNode.Parse(google.KeyJson()), room = "plaza", from = "beginning" }, Ct);
        var answer = (await made.Content.ReadFromJsonAsync<JsonObject>(Ct))!;

        Assert.Equal((HttpStatusCode.Created, "teahouse@tea.iam.gserviceaccount.com"), (made.StatusCode, (string?)answer["account"]));
        // There is no address at which one sink could be read.
        Assert.Null(made.Headers.Location);
        await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(ids));
        JsonNode? sink = null;
        await Eventually.TrueAsync(async () => (long)(sink = (await root.GetFromJsonAsync<JsonObject>("/api/v1/sinks", Ct))!["sinks"]![0])!["delivered"]! == 3, () => $"{sink}");
        Assert.Equal(("sheet", "running", "plaza", ids[^1], 0L), ((string?)sink!["kind"], (string?)sink["state"], (string?)sink["room"], (long)sink["cursor"]!, (long)sink["lag_messages"]!));
        Assert.DoesNotContain("PRIVATE", sink.ToJsonString(), StringComparison.Ordinal);
        using var twice = await root.PostAsJsonAsync("/api/v1/sinks", new { spreadsheet = FakeGoogle.Spreadsheet, key = google.KeyJson() }, Ct);
        using var removed = await root.DeleteAsync($"/api/v1/sinks/{answer["id"]}", Ct);
        using var again = await root.DeleteAsync($"/api/v1/sinks/{answer["id"]}", Ct);
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NoContent, HttpStatusCode.NotFound), (twice.StatusCode, removed.StatusCode, again.StatusCode));
    }

    [Theory]
    [InlineData("""{"spreadsheet":"x y"}""", "bad_sheet")]
    [InlineData("""{"spreadsheet":"1XPTaBc-zPwU","key":[]}""", "bad_key")]
    [InlineData("""{"spreadsheet":"1XPTaBc-zPwU","key":"x"}""", "bad_key")]
    // The server has none of its own.
    [InlineData("""{"spreadsheet":"1XPTaBc-zPwU"}""", "key_missing")]
    [InlineData("""{"spreadsheet":"1XPTaBc-zPwU","key":{"client_email":"x@y.iam.gserviceaccount.com","private_key":"-","token_uri":"http://10.0.0.1/"}}""", "key_elsewhere")]
    public async Task What_cannot_be_is_refused(string body, string code)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("root", isAdmin: true);
        using var root = await server.CreateBotAsync("root", "admin");
        using var content = new StringContent(body, null, "application/json");

        using var refused = await root.PostAsync(new Uri("/api/v1/sinks", UriKind.Relative), content, Ct);

        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.StatusCode, (string?)(await refused.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]));
    }
}
