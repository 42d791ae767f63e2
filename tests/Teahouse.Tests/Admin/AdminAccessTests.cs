using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Admin;

/// <summary>Every address under <c>/admin/</c>, found from the program's own list: one that is new is in the table by itself.</summary>
public sealed class AdminAccessTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_and_every_act_is_for_administrators_only()
    {
        var server = shared.Server;
        await server.AddUserAsync("root", isAdmin: true);
        using var nobody = server.CreateClient();
        using var guest = server.CreateClient();
        using var entered = await guest.GetAsync(new Uri("/chat/plaza/?username=stranger", UriKind.Relative), Ct);
        using var member = await server.SignInAsync("member");
        // Pages know cookies only: an administrator's token is nobody's there, whatever its scope.
        using var reader = await server.CreateBotAsync("root", "read");
        using var writer = await server.CreateBotAsync("root", "write");
        using var admin = await server.CreateBotAsync("root", "admin");
        using var scripts = server.CreateBasic("root", TestAccounts.Password);
        var before = await CountAuditAsync(server);
        var paths = Paths(server);
        Assert.True(paths.Count >= 10, string.Join(' ', paths));

        foreach (var path in paths)
        {
            using var hidden = await member.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.True(hidden.StatusCode == HttpStatusCode.NotFound, $"GET {path} by a member: {hidden.StatusCode}");
            using var act = await member.PostFormFromAsync("/settings/", path, ("act", "disable"), ("ids", "1"), ("confirm", "on"));
            Assert.True(act.StatusCode == HttpStatusCode.NotFound, $"POST {path} by a member: {act.StatusCode}");
            foreach (var client in new[] { nobody, guest, reader, writer, admin, scripts })
            {
                using var led = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
                Assert.True(led.StatusCode == HttpStatusCode.Redirect && led.Headers.Location!.OriginalString.StartsWith("/login/", StringComparison.Ordinal), $"GET {path}: {led.StatusCode}");
                using var csv = await client.GetAsync(new Uri(path + "?format=csv", UriKind.Relative), Ct);
                Assert.True(csv.StatusCode == HttpStatusCode.Redirect, $"GET {path} as a file: {csv.StatusCode}");
                using var form = new FormUrlEncodedContent([new("act", "disable"), new("ids", "1"), new("confirm", "on")]);
                using var forged = await client.PostAsync(new Uri(path, UriKind.Relative), form, Ct);
                Assert.True(forged.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.Redirect, $"POST {path}: {forged.StatusCode}");
            }
        }
        Assert.Equal(before, await CountAuditAsync(server));
    }

    [Fact]
    public async Task An_administrator_without_the_pages_own_token_changes_nothing()
    {
        using var root = await shared.Server.SignInAsync("keeper", isAdmin: true);
        var id = await shared.Server.AddUserAsync("safe");

        using var form = new FormUrlEncodedContent([new("act", "disable"), new("ids", $"{id}"), new("confirm", "on")]);
        using var forged = await root.PostAsync(new Uri("/admin/users/", UriKind.Relative), form, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Equal(0, await shared.Server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users WHERE id = @id AND disabled_at IS NOT NULL", new { id }), Ct));
    }

    private static Task<long> CountAuditAsync(TestServer server) => server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM audit_log WHERE action <> 'token_made' AND action <> 'user_added'"), Ct);

    private static List<string> Paths(TestServer server) =>
        [.. server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => route.RoutePattern.RawText ?? "")
            .Where(pattern => pattern == "admin" || pattern.StartsWith("admin/", StringComparison.Ordinal))
            .Select(pattern => "/" + pattern.Replace("{id:long}", "1", StringComparison.Ordinal).TrimEnd('/') + "/")
            .Distinct()];
}
