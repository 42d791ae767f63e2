using System.Net;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Database", "Both")]
public sealed class SessionTests
{
    private static readonly Uri Settings = new("/settings/", UriKind.Relative);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false)]
    [InlineData("false", false)]
    [InlineData("true", true)]
    [InlineData("on", true)]
    public async Task The_cookie_is_out_of_scripts_reach_and_outlives_the_browser_only_when_asked(string remember, bool isRemembered)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var response = await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password), ("remember", remember));

        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("teahouse_session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(isRemembered, cookie.Contains("max-age", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Over_https_the_cookie_is_secure_and_bound_to_this_host()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var form = await client.GetAsync(new Uri("/login/", UriKind.Relative), Ct);
        var token = TestAccounts.ReadToken(await form.Content.ReadAsStringAsync(Ct));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login/");
        // The client itself speaks plain HTTP and would keep secure cookies to itself.
        request.Headers.Add("Cookie", string.Join("; ", form.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])));
        request.Content = new FormUrlEncodedContent([new("username", "alice"), new("password", TestAccounts.Password), new("csrfmiddlewaretoken", token)]);

        var response = await client.SendAsync(request, Ct);

        var set = Assert.Single(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-teahouse_session=", StringComparison.Ordinal));
        Assert.Contains("secure", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", set, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_every_copy_of_its_cookie_and_its_sockets()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");
        using var client = server.CreateClient(cookies);
        var copy = new CookieContainer();
        copy.Add(cookies.GetCookies(server.Address));
        using var thief = server.CreateClient(copy);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await socket.ReceiveAsync();
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync(Settings, Ct)).StatusCode);

        await client.PostFormAsync("/logout/");

        Assert.Equal(HttpStatusCode.Redirect, (await thief.GetAsync(Settings, Ct)).StatusCode);
        Assert.Equal(4501, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Merely_opening_the_logout_page_signs_nobody_out()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        await client.GetAsync(new Uri("/logout/", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Settings, Ct)).StatusCode);
    }

    [Fact]
    public async Task Signing_in_again_ends_the_session_before_and_never_keeps_its_key()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("bob");
        var cookies = await server.SignInCookiesAsync("alice");
        var old = new CookieContainer();
        old.Add(cookies.GetCookies(server.Address));
        using var client = server.CreateClient(cookies);
        var token = await client.GetTokenAsync("/settings/");
        using var form = new FormUrlEncodedContent([new("username", "bob"), new("password", TestAccounts.Password), new("csrfmiddlewaretoken", token)]);

        await client.PostAsync(new Uri("/login/", UriKind.Relative), form, Ct);

        Assert.Contains("bob", await client.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await server.CreateClient(old).GetAsync(Settings, Ct)).StatusCode);
    }

    [Fact]
    public async Task A_session_outlives_a_restart_and_the_database_holds_no_key()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        CookieContainer cookies;
        await using (var server = await TestServer.StartAsync(dataDirectory: directory))
        {
            cookies = await server.SignInCookiesAsync("alice");
            var key = cookies.GetCookies(server.Address)["teahouse_session"]?.Value;
            var stored = await server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT key_hash FROM sessions"), Ct);
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key ?? ""))), stored);
        }
        await using (var server = await TestServer.StartAsync(dataDirectory: directory))
        {
            Assert.Equal(HttpStatusCode.OK, (await server.CreateClient(cookies).GetAsync(Settings, Ct)).StatusCode);
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_unused_session_ends_and_a_used_one_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        using var unused = await server.SignInAsync("alice");
        using var used = await server.SignInAsync("bob");
        var now = DateTimeOffset.UtcNow;
        await server.Get<Db>().WriteAsync(async session =>
        {
            await session.ExecuteAsync("UPDATE sessions SET expires_at = @past WHERE user_id = (SELECT id FROM users WHERE username = 'alice')", new { past = now.AddSeconds(-1) });
            await session.ExecuteAsync("UPDATE sessions SET last_seen_at = @seen, expires_at = @soon WHERE user_id = (SELECT id FROM users WHERE username = 'bob')",
                new { seen = now.AddHours(-23), soon = now.AddHours(1) });
        }, Ct);

        Assert.Equal(HttpStatusCode.Redirect, (await unused.GetAsync(Settings, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await used.GetAsync(Settings, Ct)).StatusCode);
        var ends = await server.Get<Db>().ReadAsync(session => session.GetAsync<DateTimeOffset>("SELECT MAX(expires_at) FROM sessions"), Ct);
        Assert.True(ends > now.AddHours(23));
    }

    [Fact]
    public async Task Expired_sessions_are_swept_and_their_sockets_closed_but_an_open_socket_counts_as_use()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await socket.ReceiveAsync();
        await server.SignInAsync("bob");
        var now = DateTimeOffset.UtcNow;
        await server.Get<Db>().WriteAsync(async session =>
        {
            await session.ExecuteAsync("UPDATE sessions SET expires_at = @soon", new { soon = now.AddMinutes(1) });
            await session.ExecuteAsync("UPDATE sessions SET expires_at = @past WHERE user_id = (SELECT id FROM users WHERE username = 'bob')", new { past = now.AddMinutes(-1) });
        }, Ct);

        await server.Get<SessionCare>().SweepAsync(Ct);
        await server.Get<SessionStore>().EndExpiredAsync(Ct);

        var left = await server.Get<Db>().ReadAsync(session => session.QueryAsync<DateTimeOffset>("SELECT expires_at FROM sessions"), Ct);
        Assert.True(Assert.Single(left) > now.AddHours(23));
    }
}
