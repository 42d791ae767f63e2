using System.Net;
using System.Net.Sockets;
using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

/// <summary><c>ALLOWED_HOSTS</c>, <c>TRUSTED_PROXIES</c>, <c>ALLOWED_ORIGINS</c>: whom the server believes to be talking to.</summary>
[Trait("Speed", "Medium")]
public sealed class HostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("evil.example:80", 400)]
    [InlineData("localhost.evil.example", 400)]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:1234", 200)]
    [InlineData("[::1]:8000", 200)]
    public async Task Only_the_hosts_of_the_list_are_answered(string host, int status)
    {
        await using var server = await TestServer.StartAsync();

        using var response = await GetAsync(server, "/healthz", ("Host", host));

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("HTTP/1.1", "Host:\r\n")]
    [InlineData("HTTP/1.0", "")]
    public async Task A_request_that_names_no_host_is_not_answered(string version, string header)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Ct);
        await using var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /login/ {version}\r\n{header}Connection: close\r\n\r\n"), Ct);
        using var answer = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 400 Bad Request", await answer.ReadLineAsync(Ct));
    }

    [Theory]
    [InlineData("zh-TW", "這個伺服器不用這個名稱")]
    [InlineData("zh-CN", "这个服务器不使用这个名称")]
    [InlineData("en-GB", "does not go by this name")]
    [InlineData("fr", "這個伺服器不用這個名稱")]
    public async Task A_wrong_host_is_told_which_setting_decides(string language, string text)
    {
        await using var server = await TestServer.StartAsync();

        using var response = await GetAsync(server, "/login/", ("Host", "evil.example"), ("Accept-Language", language));

        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.Contains(text, body, StringComparison.Ordinal);
        Assert.Contains("ALLOWED_HOSTS", body, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_allows_any_host()
    {
        await using var server = await TestServer.StartAsync([("ALLOWED_HOSTS", "*")]);

        using var response = await GetAsync(server, "/healthz", ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3", false)]
    public async Task Forwarded_headers_count_from_trusted_proxies_only(string trusted, bool believed)
    {
        await using var server = await TestServer.StartAsync([("TRUSTED_PROXIES", trusted)]);
        await server.AddUserAsync("admin", isAdmin: true);

        using var response = await GetAsync(server, "/login/", ("X-Forwarded-Proto", "https"));

        Assert.Equal(believed, response.Headers.GetValues("Set-Cookie").Any(cookie => cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_forwarded_host_must_be_of_the_list_too()
    {
        await using var server = await TestServer.StartAsync();

        using var response = await GetAsync(server, "/", ("X-Forwarded-Host", "evil.example"));

        Assert.DoesNotContain("evil", response.Headers.Location?.OriginalString ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://site.example", true)]
    [InlineData("https://site.example.evil.example", false)]
    [InlineData("http://site.example", false)]
    [InlineData("null", false)]
    public async Task Only_listed_origins_may_call_the_api_with_credentials(string origin, bool allowed)
    {
        await using var server = await TestServer.StartAsync([("ALLOWED_ORIGINS", "https://site.example")]);

        using var response = await GetAsync(server, "/api/v1/rooms/plaza/messages", ("Origin", origin));

        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var answer) && answer.Single() == origin);
        Assert.Equal(allowed, response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Pages_are_for_no_other_origin()
    {
        await using var server = await TestServer.StartAsync([("ALLOWED_ORIGINS", "https://site.example")]);

        using var response = await GetAsync(server, "/login/", ("Origin", "https://site.example"));

        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task<HttpResponseMessage> GetAsync(TestServer server, string path, params (string Name, string Value)[] headers)
    {
        using var client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }
        return await client.SendAsync(request, Ct);
    }
}
