using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

/// <summary>What holds for every route, found from the program's own list of them.</summary>
[Trait("Speed", "Medium")]
public sealed class RouteTests
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    private static readonly string[] Junk = ["x", "-1", "%00", "%FF%FE", "a%2Fb", "..%2F..", "%F0%9F%8D%B5", "'%22%3E%3Cscript%3E", "9223372036854775808", "%E2%80%AE", "CON", "{{7*7}}"];

    private static readonly (string Type, string Body)[] Bodies =
    [
        ("application/json", "{"),
        ("application/json", "null"),
        ("application/json", "[[[[1]]]]"),
        ("application/json", """{"message":1,"content":{},"username":[]}"""),
        ("application/x-www-form-urlencoded", "content=%FF%00&username&=&&username=a&username=b"),
        ("multipart/form-data; boundary=x", "--x\r\nbroken"),
        ("multipart/form-data; boundary=x", "broken"),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=content\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nx\r\n--x--\r\n"),
        ("application/x-www-form-urlencoded; charset=utf-7", "content=x"),
        ("text/plain", "\0"),
        ("nonsense", "x"),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_is_the_same_with_and_without_its_final_slash()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var visitor = server.CreateClient();
        using var alice = await server.SignInAsync("alice");
        var paths = Paths(server, _ => "plaza");
        Assert.True(paths.Count > 12);

        foreach (var path in paths)
        {
            foreach (var client in new[] { visitor, alice })
            {
                using var without = await client.GetAsync(new Uri(path == "/" ? "/" : path.TrimEnd('/'), UriKind.Relative), Ct);
                using var with = await client.GetAsync(new Uri(path.TrimEnd('/') + "/", UriKind.Relative), Ct);

                Assert.True(without.StatusCode == with.StatusCode, $"{path}: {without.StatusCode}, {with.StatusCode}");
                Assert.NotEqual(path.TrimEnd('/') + "/", without.Headers.Location?.OriginalString);
                Assert.NotEqual(path.TrimEnd('/'), with.Headers.Location?.OriginalString);
            }
        }
    }

    [Fact]
    public async Task Redirects_end()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var visitor = server.CreateClient();
        using var alice = await server.SignInAsync("alice");

        foreach (var path in Paths(server, _ => "plaza"))
        {
            foreach (var client in new[] { visitor, alice })
            {
                var at = path;
                for (var hops = 0; ; hops++)
                {
                    using var response = await client.GetAsync(new Uri(server.Address, at), Ct);
                    if (response.Headers.Location is not { } next)
                    {
                        break;
                    }
                    at = next.OriginalString;
                    Assert.True(hops < 4, $"{path} goes round in circles");
                    Assert.StartsWith("/", at, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task No_junk_makes_the_server_fail()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var visitor = server.CreateClient();
        using var alice = await server.SignInAsync("alice");
        var token = await alice.GetTokenAsync("/create/");
        alice.DefaultRequestHeaders.Add("X-CSRFToken", token);
        var turn = 0;

        foreach (var client in new[] { visitor, alice })
        {
            foreach (var method in Methods)
            {
                foreach (var path in Paths(server, _ => Junk[turn++ % Junk.Length]))
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Address, $"{path}?after={Junk[turn++ % Junk.Length]}&username={Junk[turn++ % Junk.Length]}&next={Junk[turn++ % Junk.Length]}"));
                    if (method is "POST" or "PUT" or "PATCH")
                    {
                        var (type, body) = Bodies[turn++ % Bodies.Length];
                        request.Content = new StringContent(body);
                        request.Content.Headers.Remove("Content-Type");
                        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                    }
                    using var response = await client.SendAsync(request, Ct);
                    Assert.True((int)response.StatusCode < 500, $"{method} {request.RequestUri} ({request.Content?.Headers.ContentType}): {response.StatusCode}");
                }
            }
        }
    }

    [Theory]
    [InlineData("PUT", "/login/", 405, "GET, POST, HEAD")]
    [InlineData("DELETE", "/room/tea/", 405, "GET, POST, HEAD")]
    [InlineData("OPTIONS", "/", 405, "GET, HEAD")]
    [InlineData("POST", "/", 405, "GET, HEAD")]
    [InlineData("OPTIONS", "/nowhere/", 404, null)]
    [InlineData("PUT", "/nowhere/", 404, null)]
    [InlineData("PUT", "/api/v1/rooms/tea/messages", 405, "GET, POST")]
    public async Task A_method_nobody_takes_is_405_and_says_which_are_taken(string method, string path, int status, string? allowed)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var client = server.CreateClient();

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request, Ct);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(allowed?.Split(", ").Order(), response.Content.Headers.Allow.Count == 0 ? null : response.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task Liveness_and_readiness_are_told()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();

        foreach (var path in new[] { "/healthz", "/readyz", "/healthz/", "/readyz/" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    /// <summary>An address for every route of ours; static files are not routes of ours.</summary>
    private static IReadOnlyList<string> Paths(TestServer server, Func<string, string> fill) =>
        [.. server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => !route.Metadata.Any(data => data.GetType().Name == "StaticAssetDescriptor"))
            .Select(route => "/" + string.Concat(route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part =>
                part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter ? fill(parameter.Name)
                : ((Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart)part).Content)) + "/")))
            // A sign-out would end what is tested; it takes no input.
            .Where(path => !path.StartsWith("/logout", StringComparison.Ordinal))
            .Distinct()];
}
