using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

public sealed class SecurityHeadersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/login/", 200)]
    [InlineData("/", 302)]
    [InlineData("/nothing/", 404)]
    [InlineData("/healthz", 200)]
    [InlineData("/icon.svg", 200)]
    [InlineData("/api/v1/nothing", 404)]
    [InlineData("/ws/", 400)]
    public async Task Every_answer_carries_them(string path, int status)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("base-uri 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Single(response.Headers.GetValues("Permissions-Policy"));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("/login/")]
    [InlineData("/nothing/")]
    [InlineData("/api/v1/rooms/plaza/messages")]
    public async Task What_is_one_persons_is_kept_by_no_cache(string path)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);

        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Fingerprinted_assets_are_kept_for_good()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();
        var page = await client.GetStringAsync(new Uri("/login/", UriKind.Relative), Ct);
        var style = System.Text.RegularExpressions.Regex.Match(page, @"href=""(/assets/[^""]+\.css)""").Groups[1].Value;

        using var response = await client.GetAsync(new Uri(style, UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("immutable", response.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat.example.org")]
    [InlineData("localhost")]
    public async Task Https_is_asked_for_only_when_configured(string host)
    {
        await using var server = await TestServer.StartAsync([("HSTS", "on"), ("ALLOWED_HOSTS", "chat.example.org,localhost")]);
        using var client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        // As the trusted proxy on this machine says it.
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Host = host;

        using var response = await client.SendAsync(request, Ct);

        Assert.Equal("max-age=31536000; includeSubDomains", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));
    }

    [Fact]
    public async Task Cookies_are_out_of_reach_of_scripts_and_other_sites()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice", isAdmin: true);
        using var client = server.CreateClient();
        using var guest = await client.GetAsync(new Uri("/chat/plaza/?username=mia", UriKind.Relative), Ct);
        using var login = await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password));

        var cookies = guest.Headers.GetValues("Set-Cookie").Concat(login.Headers.GetValues("Set-Cookie")).ToList();

        Assert.Contains(cookies, cookie => cookie.StartsWith("teahouse_session=", StringComparison.Ordinal));
        Assert.All(cookies, cookie =>
        {
            Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }
}
