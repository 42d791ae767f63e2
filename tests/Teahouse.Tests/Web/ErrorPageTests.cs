using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

[Trait("Speed", "Medium")]
public sealed class ErrorPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zh-TW,zh;q=0.9", "zh-Hant", "找不到這個頁面")]
    [InlineData("zh-CN", "zh-Hans", "找不到这个页面")]
    [InlineData("en-US,en;q=0.9", "en", "There is no such page")]
    [InlineData("de", "zh-Hant", "找不到這個頁面")]
    public async Task A_missing_page_is_explained_in_the_readers_language(string accept, string language, string title)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("Accept-Language", accept);

        using var response = await client.GetAsync(new Uri("/nothing/here/", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var page = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Ct));
        Assert.Contains($"lang=\"{language}\"", page, StringComparison.Ordinal);
        Assert.Contains(title, page, StringComparison.Ordinal);
        Assert.Contains("href=\"/\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/error/")]
    [InlineData("/error/500/")]
    public async Task The_error_page_itself_is_no_page(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "not_found")]
    [InlineData("DELETE", "/api/v1/rooms/plaza/messages", 405, "method_not_allowed")]
    [InlineData("GET", "/api/v1/rooms/a%20b/messages", 400, "bad_room")]
    [InlineData("GET", "/api/v1/rooms/plaza/messages?after=x", 400, "bad_request")]
    public async Task Programs_get_problem_details(string method, string path, int status, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Accept-Language", "en");

        using var response = await client.SendAsync(request, Ct);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal(code, (string?)problem["code"]);
        Assert.Equal(status, (int?)problem["status"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)problem["title"]));
        Assert.Equal((string?)problem["title"], (string?)problem["error"]);
    }

    [Fact]
    public async Task The_titles_of_problems_are_in_the_readers_language()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("Accept-Language", "zh-CN");

        var problem = JsonNode.Parse(await (await client.GetAsync(new Uri("/api/v1/nothing", UriKind.Relative), Ct)).Content.ReadAsStringAsync(Ct))!;

        Assert.Contains("网址可能有误", (string?)problem["title"], StringComparison.Ordinal);
    }
}
