using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

[Trait("Speed", "Medium")]
public sealed class ProjectPagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Tea cups", "", "^tea-cups$")]
    [InlineData("  Café & Thé!  ", "", "^cafe-the$")]
    [InlineData("手工茶杯", "", "^p-[a-z0-9]{8}$")]
    [InlineData("v2 手工茶杯募資計畫", "", "^p-[a-z0-9]{8}$")]
    [InlineData("new", "", "^new-2$")]
    [InlineData("手工茶杯", "Tea_Cups-1", "^tea_cups-1$")]
    public async Task A_slug_comes_from_the_title_or_is_chosen(string title, string slug, string expected)
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");

        Assert.Matches(expected, await owner.CreateProjectAsync(title, slug: slug));
    }

    [Fact]
    public async Task Slugs_are_unique_and_stay_when_the_title_changes()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        // The browser's request token first: each page that has none yet would make another.
        List<string> slugs = [await owner.CreateProjectAsync("Tea cups")];
        slugs.AddRange(await Task.WhenAll(Enumerable.Range(0, 11).Select(_ => owner.CreateProjectAsync("Tea cups"))));
        Assert.Equal(12, slugs.Distinct().Count());

        using var taken = await owner.PostFormAsync("/projects/new/", ("title", "Other"), ("slug", "tea-cups"));
        using var bad = await owner.PostFormAsync("/projects/new/", ("title", "Other"), ("slug", "茶 杯"));
        using var reserved = await owner.PostFormAsync("/projects/new/", ("title", "Other"), ("slug", "new"));
        using var renamed = await owner.PostFormAsync("/projects/tea-cups/edit/", ("title", "Clay cups"), ("description", "Burnt at 1,240 °C."));

        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, reserved.StatusCode);
        Assert.Equal("/projects/tea-cups/", renamed.Headers.Location?.OriginalString);
        var page = await owner.GetStringAsync(new Uri("/projects/tea-cups/", UriKind.Relative), Ct);
        Assert.Contains("Clay cups", page, StringComparison.Ordinal);
        Assert.Contains("Burnt at 1,240 °C.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_wrong_is_said_beside_its_field_and_nothing_is_lost()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");

        using var empty = await owner.PostFormAsync("/projects/new/", ("title", " "), ("description", "kept <b>text</b>"));
        using var tooLong = await owner.PostFormAsync("/projects/new/", ("title", "Cups"), ("description", new string('x', 5001)));
        using var control = await owner.PostFormAsync("/projects/new/", ("title", "a\u202Eb"), ("description", ""));

        var page = await empty.Content.ReadAsStringAsync(Ct);
        Assert.Contains("f-title-error", page, StringComparison.Ordinal);
        Assert.Contains("kept &lt;b&gt;text&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.Contains("f-description-error", await tooLong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.All(new[] { empty, tooLong, control }, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
    }

    [Fact]
    public async Task The_list_is_searched_and_narrowed_to_ones_own()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateProjectAsync("手工茶杯", "柴燒，每個都不一樣", "cups");
        await bob.CreateProjectAsync("Oolong 100%", "高山茶", "oolong");

        Assert.Equal(["oolong", "cups"], await ListAsync(alice, ""));
        Assert.Equal(["cups"], await ListAsync(alice, "?q=" + Uri.EscapeDataString("柴燒")));
        Assert.Equal(["oolong"], await ListAsync(alice, "?q=OOLONG"));
        Assert.Equal(["oolong"], await ListAsync(alice, "?q=" + Uri.EscapeDataString("0%")));
        Assert.Empty(await ListAsync(alice, "?q=" + Uri.EscapeDataString("c%s")));
        Assert.Equal(["cups"], await ListAsync(alice, "?mine=1"));
        using var nobody = server.CreateClient();
        Assert.Equal(["oolong", "cups"], await ListAsync(nobody, ""));
    }

    [Fact]
    public async Task The_page_offers_each_reader_their_own_way()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.CreateClient();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var slug = await owner.CreateProjectAsync("Tea cups");
        var room = await visitor.OpenChatAsync(slug);
        using var asked = await visitor.SendOldAsync(room, "還有嗎？", await visitor.GetTokenAsync("/login/"));
        using var answered = await owner.SendOldAsync(room, "有的", await owner.GetTokenAsync("/login/"));
        using var again = await owner.SendOldAsync(room, "兩個", await owner.GetTokenAsync("/login/"));

        var page = new Uri($"/projects/{slug}/", UriKind.Relative);
        Assert.Contains("查看所有對話 (1 未讀)", await owner.GetStringAsync(page, Ct), StringComparison.Ordinal);
        var forVisitor = await visitor.GetStringAsync(page, Ct);
        Assert.Contains("與提案者聊天", forVisitor, StringComparison.Ordinal);
        Assert.Contains("<span class=\"badge\" aria-hidden=\"true\">2</span>", forVisitor, StringComparison.Ordinal);
        Assert.DoesNotContain("/edit/", forVisitor, StringComparison.Ordinal);
        Assert.Contains("與提案者聊天", await nobody.GetStringAsync(page, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_owner_and_administrators_edit_and_delete()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.CreateClient();
        using var owner = await server.SignInAsync("owner");
        using var stranger = await server.SignInAsync("stranger");
        using var admin = await server.SignInAsync("admin", isAdmin: true);
        var slug = await owner.CreateProjectAsync("Tea cups");

        foreach (var page in new[] { "edit/", "delete/" })
        {
            var path = new Uri($"/projects/{slug}/{page}", UriKind.Relative);
            using var toLogin = await nobody.GetAsync(path, Ct);
            using var refused = await stranger.GetAsync(path, Ct);
            using var posted = await stranger.PostFormFromAsync("/", path.OriginalString, ("title", "Mine"), ("typed_name", "Tea cups"));
            using var shown = await admin.GetAsync(path, Ct);
            Assert.Equal(HttpStatusCode.Redirect, toLogin.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, posted.StatusCode);
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        }

        using var mistyped = await owner.PostFormAsync($"/projects/{slug}/delete/", ("typed_name", "Tea"));
        Assert.Equal(HttpStatusCode.BadRequest, mistyped.StatusCode);
        using var deleted = await owner.PostFormAsync($"/projects/{slug}/delete/", ("typed_name", "tea CUPS"));
        Assert.Equal(HttpStatusCode.SeeOther, deleted.StatusCode);
        using var gone = await owner.GetAsync(new Uri($"/projects/{slug}/", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Without_guests_projects_are_for_users()
    {
        await using var server = await TestServer.StartAsync([("GUESTS", "off")]);
        await server.AddUserAsync("admin", isAdmin: true);
        using var owner = await server.SignInAsync("owner");
        using var nobody = server.CreateClient();
        var slug = await owner.CreateProjectAsync("Tea cups");

        foreach (var path in new[] { "/projects/", $"/projects/{slug}/", "/projects/nothing/" })
        {
            using var answer = await nobody.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.Equal($"/login/?next={Uri.EscapeDataString(path)}", answer.Headers.Location?.OriginalString);
        }
        using var api = await nobody.GetAsync(new Uri($"/api/v1/projects/{slug}", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    /// <summary>The slugs in the list, in its order.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(HttpClient client, string query)
    {
        var html = await client.GetStringAsync(new Uri("/projects/" + query, UriKind.Relative), Ct);
        return [.. html.Split("<a class=\"list-link\" href=\"/projects/").Skip(1).Select(rest => rest[..rest.IndexOf('/', StringComparison.Ordinal)])];
    }
}
