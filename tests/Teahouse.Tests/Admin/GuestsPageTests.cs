using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Admin;

/// <summary>Guests seen lately, and keeping one out of the whole site.</summary>
public sealed partial class GuestsPageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Page = "/admin/guests/";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_is_found_banned_and_let_in_again()
    {
        var server = shared.Server;
        using var root = await server.SignInAsync("root-guests", isAdmin: true);
        using var guest = server.CreateClient();
        using var entered = await guest.GetAsync(new Uri("/chat/guesthouse/?username=stranger-here", UriKind.Relative), Ct);
        using var again = await guest.GetAsync(new Uri("/chat/guesthouse/", UriKind.Relative), Ct);
        string page = "";
        await Eventually.TrueAsync(async () => (page = await root.SeeAsync($"{Page}?q=Stranger-Here&state=free")).Contains("stranger-here", StringComparison.Ordinal));
        var id = Box().Match(page).Groups[1].Value;
        using var other = await root.GetAsync(new Uri($"{Page}?before=1~{id}", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        using var asked = await root.PostFormAsync(Page, ("act", "ban"), ("ids", id));
        Assert.Contains("stranger-here · 127.0.0.1", WebUtility.HtmlDecode(await asked.Content.ReadAsStringAsync(Ct)), StringComparison.Ordinal);
        using var banned = await root.PostFormAsync(Page, ("act", "ban"), ("ids", id), ("confirm", "on"), ("choice", "cookie"));
        Assert.Equal(HttpStatusCode.SeeOther, banned.StatusCode);

        Assert.Contains("stranger-here", await root.SeeAsync($"{Page}?q=stranger&state=banned"), StringComparison.Ordinal);
        using var shut = await guest.PostFormFromAsync("/login/", "/chat/guesthouse/", ("content", "let me in"));
        Assert.NotEqual(HttpStatusCode.SeeOther, shut.StatusCode);
        Assert.Single(await server.AuditAsync("guest_banned", ""));

        using var lifted = await root.PostFormAsync(Page, ("act", "unban"), ("ids", id), ("confirm", "on"));
        Assert.DoesNotContain("stranger-here", await root.SeeAsync($"{Page}?q=stranger&state=banned"), StringComparison.Ordinal);
        Assert.Single(await server.AuditAsync("guest_unbanned", ""));
        Assert.Contains(",127.0.0.1,", await root.GetStringAsync(new Uri($"{Page}?format=csv", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [GeneratedRegex("""name="ids" value="([^"]+)" """)]
    private static partial Regex Box();
}
