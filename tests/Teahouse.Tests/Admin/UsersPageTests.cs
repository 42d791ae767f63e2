using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Admin;

/// <summary>Accounts, as administrators find and change them. One server for all: each test has names of its own.</summary>
public sealed partial class UsersPageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Page = "/admin/users/";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact]
    public async Task A_search_for_a_very_long_text_is_no_search_for_nothing()
    {
        using var root = await Server.SignInAsync("root-long", isAdmin: true);

        var page = await root.GetStringAsync($"{Page}?q={new string('z', 250)}", Ct);

        Assert.DoesNotContain("name=\"ids\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_first_a_disabled_account_is_out_at_once_and_comes_back_when_it_is_enabled()
    {
        using var root = await Server.SignInAsync("root-disable", isAdmin: true);
        var id = await Server.AddUserAsync("mallory");
        using var mallory = await Server.SignInAsync("mallory");
        using var bot = await Server.CreateBotAsync("mallory");
        var cookies = await Server.SignInCookiesAsync("mallory");
        await using var socket = await SocketClient.ConnectAsync(Server, "/ws/chat/mallorys/", cookies: cookies);

        using var asked = await root.PostFormAsync(Page, ("act", "disable"), ("ids", $"{id}"));
        Assert.Contains("mallory", await asked.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Empty(await Server.AuditAsync("user_disabled", "mallory"));
        Assert.Equal(HttpStatusCode.OK, (await mallory.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);

        Assert.Contains("已停用 1 個帳號", await root.ActAsync(Page, "disable", [id]), StringComparison.Ordinal);

        Assert.Equal(4501, await socket.ReceiveCloseAsync());
        Assert.Equal(HttpStatusCode.Redirect, (await mallory.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bot.GetAsync(new Uri("/api/v1/me", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(["root-disable 127.0.0.1 mallory enabled disabled"], await Server.AuditAsync("user_disabled", "mallory"));

        await root.ActAsync(Page, "enable", [id]);
        Assert.Equal(HttpStatusCode.OK, (await bot.GetAsync(new Uri("/api/v1/me", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(["root-disable 127.0.0.1 mallory disabled enabled"], await Server.AuditAsync("user_enabled", "mallory"));
    }

    [Fact]
    public async Task Who_is_made_an_administrator_is_one_at_once_and_no_longer_when_it_is_revoked()
    {
        using var root = await Server.SignInAsync("root-promote", isAdmin: true);
        var id = await Server.AddUserAsync("deputy");
        using var deputy = await Server.SignInAsync("deputy");

        await root.ActAsync(Page, "promote", [id]);
        Assert.Equal(HttpStatusCode.OK, (await deputy.GetAsync(new Uri(Page, UriKind.Relative), Ct)).StatusCode);
        await root.ActAsync(Page, "demote", [id]);
        Assert.Equal(HttpStatusCode.NotFound, (await deputy.GetAsync(new Uri(Page, UriKind.Relative), Ct)).StatusCode);

        Assert.Equal(["root-promote 127.0.0.1 deputy member administrator"], await Server.AuditAsync("administrator_made", "deputy"));
        Assert.Equal(["root-promote 127.0.0.1 deputy administrator member"], await Server.AuditAsync("administrator_revoked", "deputy"));
    }

    [Theory, InlineData("disable"), InlineData("demote")]
    public async Task Nobody_does_it_to_themselves_and_others_in_the_same_choice_are_done_all_the_same(string act)
    {
        var own = await Server.AddUserAsync($"root-self-{act}", isAdmin: true);
        using var root = await Server.SignInAsync($"root-self-{act}");
        var other = await Server.AddUserAsync($"other-self-{act}", isAdmin: true);

        var page = await root.ActAsync(Page, act, [own, other]);

        Assert.Contains("不能這樣對自己的帳號做", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await root.GetAsync(new Uri(Page, UriKind.Relative), Ct)).StatusCode);
        Assert.Single(await Server.AuditAsync(act == "disable" ? "user_disabled" : "administrator_revoked", $"other-self-{act}"));
    }

    [Fact]
    public async Task Signed_out_everywhere_one_has_to_sign_in_again_and_one_session_can_be_ended_alone()
    {
        using var root = await Server.SignInAsync("root-signout", isAdmin: true);
        var id = await Server.AddUserAsync("traveller");
        using var phone = await Server.SignInAsync("traveller");
        using var desk = await Server.SignInAsync("traveller");
        var one = SessionButton().Matches(await root.SeeAsync($"{Page}{id}/")).Last().Groups[1].Value;

        using var ended = await root.PostFormAsync($"{Page}{id}/", ("session", one));
        Assert.Equal(HttpStatusCode.SeeOther, ended.StatusCode);
        var open = new[] { phone, desk }.Select(client => client.GetAsync(new Uri("/settings/", UriKind.Relative), Ct));
        Assert.Single(await Task.WhenAll(open), answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Single(await Server.AuditAsync("session_ended", "traveller"));

        await root.ActAsync(Page, "signout", [id], ("back", $"{Page}{id}/"));
        foreach (var client in new[] { phone, desk })
        {
            Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        }
        Assert.Equal(["root-signout 127.0.0.1 traveller - -"], await Server.AuditAsync("sessions_ended", "traveller"));
        Assert.Contains("在所有裝置登出", await root.SeeAsync($"{Page}{id}/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_are_found_filtered_paged_and_taken_along_as_a_file()
    {
        using var root = await Server.SignInAsync("root-list", isAdmin: true);
        for (var i = 0; i < 55; i++)
        {
            await Server.AddUserAsync($"crowd{i:00}");
        }
        await Server.AddUserAsync("=crowd@formula".Replace("=", "+", StringComparison.Ordinal));

        var first = Names(await root.SeeAsync($"{Page}?q=CROWD"));
        Assert.Equal(50, first.Count);
        var older = Link().Match(await root.SeeAsync($"{Page}?q=CROWD")).Groups[1].Value;
        var second = Names(await root.SeeAsync(older));
        Assert.Equal(6, second.Count);
        Assert.Equal(56, first.Concat(second).Distinct().Count());
        var newer = Link().Match(await root.SeeAsync(older)).Groups[1].Value;
        Assert.Contains("after=", newer, StringComparison.Ordinal);
        Assert.Equal(first, Names(await root.SeeAsync(newer)));

        Assert.Empty(Names(await root.SeeAsync($"{Page}?q=crowd&state=disabled")));
        Assert.Empty(Names(await root.SeeAsync($"{Page}?q=crowd&role=admin")));
        Assert.Contains("沒有符合的帳號", await root.SeeAsync($"{Page}?q=nobody-is-called-so"), StringComparison.Ordinal);

        var file = await root.GetAsync(new Uri($"{Page}?q=crowd&format=csv", UriKind.Relative), Ct);
        Assert.Equal("text/csv", file.Content.Headers.ContentType?.MediaType);
        var lines = (await file.Content.ReadAsStringAsync(Ct)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(57, lines.Length);
        Assert.Contains(lines, line => line.Contains(",'+crowd@formula,", StringComparison.Ordinal));
        Assert.Single(await Server.AuditAsync("list_exported", Page));
    }

    [Fact]
    public async Task The_last_administrator_stays_one()
    {
        await using var server = await TestServer.StartAsync();
        var only = await server.AddUserAsync("only", isAdmin: true);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => server.Get<ChangeAdministrator>().ExecuteAsync(Caller.Shell, only, isAdmin: false, Ct));
        Assert.Equal(Refusal.LastAdministrator, refused.Refusal);
        await Assert.ThrowsAsync<RefusedException>(() => server.Get<DisableUser>().ExecuteAsync(Caller.Shell, only, Ct));
        Assert.Equal(1, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users WHERE is_admin AND disabled_at IS NULL"), Ct));
    }

    private static List<string> Names(string page) => [.. Row().Matches(page).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("""<a href="/admin/users/\d+/"><bdi>([^<]+)</bdi></a>""")]
    private static partial Regex Row();

    [GeneratedRegex("""<a class="btn" href="(/admin/users/\?[^"]+)" rel="(?:prev|next)">""")]
    private static partial Regex Link();

    [GeneratedRegex("""name="session" value="(\d+)""")]
    private static partial Regex SessionButton();
}
