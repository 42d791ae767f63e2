using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed partial class MembersPageTests
{
    private static readonly Uri Members = new("/members/", UriKind.Relative);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_there_for_administrators_only()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await server.SignInAsync("alice", isAdmin: true);
        using var user = await server.SignInAsync("bob");
        using var nobody = server.CreateClient();

        var page = await admin.GetStringAsync(Members, Ct);

        Assert.Contains("alice", page, StringComparison.Ordinal);
        Assert.Contains("bob", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await user.GetAsync(Members, Ct)).StatusCode);
        Assert.Equal("/login/?next=%2Fmembers%2F", (await nobody.GetAsync(Members, Ct)).Headers.Location?.OriginalString);
        var token = await user.GetTokenAsync("/settings/");
        using var form = new FormUrlEncodedContent([new("act", "invite"), new("csrfmiddlewaretoken", token)]);
        Assert.Equal(HttpStatusCode.NotFound, (await user.PostAsync(Members, form, Ct)).StatusCode);
        Assert.Equal(0, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM invites"), Ct));
    }

    [Fact]
    public async Task An_invite_link_is_shown_once_works_and_is_gone_from_the_list()
    {
        await using var server = await TestServer.StartAsync([("SIGNUP", "invite")]);
        using var admin = await server.SignInAsync("alice", isAdmin: true);

        await admin.PostFormAsync("/members/", ("act", "invite"));
        var page = await admin.GetStringAsync(Members, Ct);
        var link = Link().Match(page).Groups[1].Value;

        Assert.DoesNotContain(link, await admin.GetStringAsync(Members, Ct), StringComparison.Ordinal);
        Assert.Single(Revoke().Matches(page));
        using var guest = server.CreateClient();
        var made = await guest.PostFormAsync(new Uri(link).PathAndQuery, ("username", "bob"), ("password1", TestAccounts.Password), ("password2", TestAccounts.Password), ("invite", new Uri(link).Query[8..]));
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
        Assert.Empty(Revoke().Matches(await admin.GetStringAsync(Members, Ct)));
    }

    [Fact]
    public async Task An_invite_taken_back_lets_nobody_in_and_both_acts_are_in_the_audit_log()
    {
        await using var server = await TestServer.StartAsync([("SIGNUP", "invite")]);
        using var admin = await server.SignInAsync("alice", isAdmin: true);
        await admin.PostFormAsync("/members/", ("act", "invite"));
        var page = await admin.GetStringAsync(Members, Ct);

        await admin.PostFormAsync("/members/", ("act", "revoke"), ("invite", Revoke().Match(page).Groups[1].Value));

        using var guest = server.CreateClient();
        Assert.Equal(HttpStatusCode.Forbidden, (await guest.GetAsync(new Uri(Link().Match(page).Groups[1].Value), Ct)).StatusCode);
        var log = await server.Get<Db>().ReadAsync(session => session.QueryAsync<string>("SELECT actor || ' ' || action FROM audit_log WHERE action LIKE 'invite%' ORDER BY id"), Ct);
        Assert.Equal(["alice invite_made", "alice invite_revoked"], log);
    }

    [GeneratedRegex("""value="(http://[^"]*/signup/\?invite=[A-Za-z0-9_-]{32})""")]
    private static partial Regex Link();

    [GeneratedRegex("""name="invite" value="(\d+)""")]
    private static partial Regex Revoke();
}
