using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Admin;

/// <summary>Rooms, projects, invites, tokens, webhooks and the audit log, as administrators see and change them.</summary>
[Trait("Speed", "Medium")]
public sealed partial class ListPagesTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly string[] NewsRoom = ["news"];

    private TestServer Server => shared.Server;

    [Fact]
    public async Task A_room_one_is_not_in_is_archived_opened_and_deleted()
    {
        using var root = await Server.SignInAsync("root-rooms", isAdmin: true);
        using var alice = await Server.SignInAsync("alice-rooms");
        await alice.CreateRoomAsync("hideout", "private");
        var id = await IdAsync("SELECT id FROM rooms WHERE name = 'hideout'");

        await root.ActAsync("/admin/rooms/", "archive", [id]);
        using var closed = await alice.PostFormAsync("/room/hideout/", ("content", "?"));
        Assert.NotEqual(HttpStatusCode.SeeOther, closed.StatusCode);
        Assert.Contains("hideout", await root.SeeAsync("/admin/rooms/?state=archived&access=private&kind=room&q=HIDE"), StringComparison.Ordinal);
        await root.ActAsync("/admin/rooms/", "unarchive", [id]);
        using var open = await alice.PostFormAsync("/room/hideout/", ("content", "!"));
        Assert.Equal(HttpStatusCode.SeeOther, open.StatusCode);
        // To govern a room is not to be in it.
        Assert.Equal(HttpStatusCode.NotFound, (await root.GetAsync(new Uri("/room/hideout/", UriKind.Relative), Ct)).StatusCode);
        await root.ActAsync("/admin/rooms/", "delete", [id]);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(new Uri("/room/hideout/", UriKind.Relative), Ct)).StatusCode);

        foreach (var action in new[] { "room_archived", "room_unarchived", "room_deleted" })
        {
            Assert.Equal(["root-rooms 127.0.0.1 hideout - -"], await Server.AuditAsync(action, "hideout"));
        }
        Assert.StartsWith("id,name,", await root.GetStringAsync(new Uri("/admin/rooms/?format=csv", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_is_deleted_with_its_chats()
    {
        using var root = await Server.SignInAsync("root-projects", isAdmin: true);
        using var alice = await Server.SignInAsync("alice-projects");
        await alice.CreateProjectAsync("Cups", slug: "cups-gone");
        var id = await IdAsync("SELECT id FROM projects WHERE slug = 'cups-gone'");
        Assert.Contains("cups-gone", await root.SeeAsync("/admin/projects/?q=cups&owned=yes"), StringComparison.Ordinal);

        await root.ActAsync("/admin/projects/", "delete", [id]);

        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(new Uri("/projects/cups-gone/", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(["root-projects 127.0.0.1 cups-gone - -"], await Server.AuditAsync("project_deleted", "cups-gone"));
    }

    [Fact]
    public async Task An_invite_link_is_shown_once_works_once_and_not_when_it_was_taken_back()
    {
        await using var server = await TestServer.StartAsync([("SIGNUP", "invite")]);
        using var root = await server.SignInAsync("root", isAdmin: true);
        using var made = await root.PostFormAsync("/admin/invites/", ("act", "make"));
        var link = Link().Match(await root.SeeAsync("/admin/invites/")).Groups[1].Value;
        Assert.DoesNotContain(link, await root.SeeAsync("/admin/invites/"), StringComparison.Ordinal);
        using var guest = server.CreateClient();
        using var joined = await guest.PostFormAsync(new Uri(link).PathAndQuery, ("username", "bob"), ("password1", TestAccounts.Password), ("password2", TestAccounts.Password), ("invite", new Uri(link).Query[8..]));
        Assert.Equal(HttpStatusCode.Redirect, joined.StatusCode);
        Assert.Contains("bob", await root.SeeAsync("/admin/invites/?state=used"), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"ids\"", await root.SeeAsync("/admin/invites/?state=open"), StringComparison.Ordinal);

        using var second = await root.PostFormAsync("/admin/invites/", ("act", "make"));
        var other = Link().Match(await root.SeeAsync("/admin/invites/")).Groups[1].Value;
        await root.ActAsync("/admin/invites/", "revoke", [2]);

        using var stranger = server.CreateClient();
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync(new Uri(other), Ct)).StatusCode);
        Assert.Equal(["root 127.0.0.1 invite 2 - -"], await server.AuditAsync("invite_revoked", "invite 2"));
        Assert.Single(await server.AuditAsync("invite_made", "invite 1"));
    }

    [Fact]
    public async Task Anybodys_token_is_revoked_at_once()
    {
        using var root = await Server.SignInAsync("root-tokens", isAdmin: true);
        using var bot = await Server.CreateBotAsync("carol-tokens");
        var id = await IdAsync("SELECT MAX(t.id) FROM tokens t JOIN users u ON u.id = t.user_id WHERE u.username = 'carol-tokens'");
        Assert.Contains("carol-tokens", await root.SeeAsync("/admin/tokens/?q=carol&scope=write&state=valid"), StringComparison.Ordinal);

        await root.ActAsync("/admin/tokens/", "revoke", [id]);

        Assert.Equal(HttpStatusCode.Unauthorized, (await bot.GetAsync(new Uri("/api/v1/me", UriKind.Relative), Ct)).StatusCode);
        Assert.Contains("root-tokens 127.0.0.1 test - -", await Server.AuditAsync("token_revoked", "test"));
    }

    [Fact]
    public async Task An_incoming_webhook_of_anybodys_room_is_revoked()
    {
        using var root = await Server.SignInAsync("root-hooks", isAdmin: true);
        using var dave = await Server.SignInAsync("dave-hooks");
        await dave.CreateRoomAsync("alarms", "private");
        using var bot = await Server.CreateBotAsync("dave-hooks", "admin");
        using var made = await bot.PostAsJsonAsync("/api/v1/rooms/alarms/hooks", new { name = "siren" }, Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = await IdAsync("SELECT id FROM hooks WHERE name = 'siren'");
        Assert.Contains("alarms", await root.SeeAsync("/admin/hooks/?q=siren&used=never"), StringComparison.Ordinal);

        await root.ActAsync("/admin/hooks/", "revoke", [id]);

        Assert.Equal(0, await IdAsync("SELECT COUNT(*) FROM hooks WHERE name = 'siren'"));
        Assert.Equal(["root-hooks 127.0.0.1 alarms - -"], await Server.AuditAsync("hook_revoked", "alarms"));
    }

    [Fact]
    public async Task Anybodys_outgoing_webhook_is_paused_resumed_and_removed()
    {
        await using var server = await TestServer.StartAsync([("WEBHOOK_ALLOW_PRIVATE", "on")]);
        using var root = await server.SignInAsync("root", isAdmin: true);
        using var erin = await server.SignInAsync("erin");
        await erin.CreateRoomAsync("news", "members");
        using var bot = await server.CreateBotAsync("erin", "admin");
        using var made = await bot.PostAsJsonAsync("/api/v1/webhooks", new { url = "http://127.0.0.1:9/take", rooms = NewsRoom }, Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);

        await root.ActAsync("/admin/webhooks/", "pause", [1]);
        Assert.Contains("127.0.0.1:9", await root.SeeAsync("/admin/webhooks/?state=paused&q=erin"), StringComparison.Ordinal);
        await root.ActAsync("/admin/webhooks/", "resume", [1]);
        Assert.DoesNotContain("127.0.0.1:9", await root.SeeAsync("/admin/webhooks/?state=paused"), StringComparison.Ordinal);
        await root.ActAsync("/admin/webhooks/", "remove", [1]);
        Assert.DoesNotContain("127.0.0.1:9", await root.SeeAsync("/admin/webhooks/"), StringComparison.Ordinal);

        Assert.Equal(["root 127.0.0.1 127.0.0.1:9 - -"], await server.AuditAsync("webhook_paused", "127.0.0.1:9"));
        Assert.Equal(["root 127.0.0.1 127.0.0.1:9 - -"], await server.AuditAsync("webhook_resumed", "127.0.0.1:9"));
        Assert.Single(await server.AuditAsync("webhook_removed", "127.0.0.1"));
    }

    [Fact]
    public async Task The_audit_log_is_filtered_by_who_what_to_what_and_when()
    {
        using var root = await Server.SignInAsync("root-audit", isAdmin: true);
        var id = await Server.AddUserAsync("seen-in-audit");
        await root.ActAsync("/admin/users/", "promote", [id]);

        const string Mine = "/admin/audit/?actor=root-audit";
        Assert.Contains("seen-in-audit", await root.SeeAsync(Mine + "&action=administrator_made&target=seen-in-audit&from=2000-01-01"), StringComparison.Ordinal);
        foreach (var other in new[] { "/admin/audit/?actor=root-audi", Mine + "&action=user_disabled", Mine + "&target=somebody", Mine + "&until=2000-01-01", Mine + "&from=2999-01-01" })
        {
            Assert.Contains("沒有符合的紀錄", await root.SeeAsync(other), StringComparison.Ordinal);
        }
        var file = await root.GetStringAsync(new Uri(Mine + "&format=csv", UriKind.Relative), Ct);
        Assert.Contains(",root-audit,administrator_made,seen-in-audit,,member,administrator,127.0.0.1\r\n", file, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_verb_of_the_audit_log_has_words()
    {
        var written = Repository.List("src/Teahouse", ".cs").Select(file => Repository.Read(file)).SelectMany(text => Verb().Matches(text)).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(written.Count > 25, string.Join(' ', written));
        Assert.Empty(written.Except(Teahouse.Admin.AuditWords.Actions));
    }

    private Task<long> IdAsync(string sql) => Server.Get<Db>().ReadAsync(session => session.GetAsync<long>(sql), Ct);

    [GeneratedRegex("""value="(http://[^"]*/signup/\?invite=[A-Za-z0-9_-]{32})""")]
    private static partial Regex Link();

    [GeneratedRegex("""(?:AuditLog\.AddAsync\(.*?|NoteAsync\(session, owner, |ChangeAsync\(caller, id, )"([a-z]+_[a-z_]+)"(?:, |\))""")]
    private static partial Regex Verb();
}
