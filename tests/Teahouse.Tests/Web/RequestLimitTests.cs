using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

[Trait("Speed", "Medium")]
public sealed class RequestLimitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Too_many_requests_are_told_when_to_come_back()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "3")]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();

        using var page = await FirstRefusedAsync(client, "/login/");
        using var api = await FirstRefusedAsync(client, "/api/v1/rooms/plaza/messages");

        Assert.True(page.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("請求太頻繁", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.True(api.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        var problem = JsonNode.Parse(await api.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal("rate_limited", (string?)problem["code"]);
        Assert.Equal(429, (int?)problem["status"]);
    }

    [Fact]
    public async Task What_is_allowed_in_two_seconds_takes_two_seconds()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "3")]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();
        var began = Stopwatch.GetTimestamp();

        for (var allowed = 0; allowed < 9;)
        {
            using var response = await client.GetAsync(new Uri("/login/", UriKind.Relative), Ct);
            allowed += response.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        // Three were there, and six came.
        Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(2) - TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task One_users_haste_does_not_slow_another()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "3")]);
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        using var refused = await FirstRefusedAsync(alice, "/create/");

        using var response = await bob.GetAsync(new Uri("/create/", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task One_subscribers_addresses_count_as_one_behind_proxies_too()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "1"), ("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();
        async Task<HttpStatusCode> AskAsync(string from)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/login/", UriKind.Relative)) { Headers = { { "X-Forwarded-For", from } } };
            using var response = await client.SendAsync(request, Ct);
            return response.StatusCode;
        }
        var began = Stopwatch.GetTimestamp();

        Assert.Equal(HttpStatusCode.OK, await AskAsync("2001:db8::1, 10.1.2.3"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("2001:db8:0:1::1, 10.1.2.3"));
        // What is said before the first proxy that nobody trusts is anybody's.
        Assert.Equal(HttpStatusCode.OK, await AskAsync("2001:db8::1, 203.0.113.7, 10.1.2.3"));
        var again = await AskAsync("2001:db8::2, 10.1.2.3");

        Assert.True(again == HttpStatusCode.TooManyRequests || Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(1), $"{again}");
    }

    [Fact]
    public async Task Probes_are_answered_however_busy_their_neighbours_are()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "3")]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();

        foreach (var path in new[] { "/healthz", "/readyz" })
        {
            using var refused = await FirstRefusedAsync(client, "/login/");
            // More than become free meanwhile.
            var probes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.GetAsync(new Uri(path, UriKind.Relative), Ct)));
            Assert.All(probes, probe => Assert.Equal(HttpStatusCode.OK, probe.StatusCode));
            Array.ForEach(probes, probe => probe.Dispose());
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8,::1")]
    public async Task Addresses_behind_a_trusted_proxy_are_counted_apart(string trusted)
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "3"), ("TRUSTED_PROXIES", trusted)]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var one = server.CreateClient();
        one.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        using var other = server.CreateClient();
        other.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.2");
        using var refused = await FirstRefusedAsync(one, "/login/");

        using var response = await other.GetAsync(new Uri("/login/", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/login/", false)]
    [InlineData("/create/", true)]
    public async Task A_body_over_the_limit_is_413(string path, bool signedIn)
    {
        await using var server = await TestServer.StartAsync([("LIMIT_BODY_BYTES", "2000")]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = signedIn ? await server.SignInAsync("alice") : server.CreateClient();

        using var response = await client.PostFormAsync(path, ("title", new string('x', 3000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("超過上限", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> FirstRefusedAsync(HttpClient client, string path)
    {
        for (var i = 0; i < 200; i++)
        {
            var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return response;
            }
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{response.StatusCode}");
            response.Dispose();
        }
        throw new InvalidOperationException("None was refused.");
    }
}
