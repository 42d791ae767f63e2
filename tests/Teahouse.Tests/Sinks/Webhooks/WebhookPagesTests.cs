using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks.Webhooks;

[Trait("Speed", "Medium")]
public sealed partial class WebhookPagesTests
{
    private const string List = "/settings/webhooks/";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_made_tested_given_a_new_secret_and_removed_on_its_pages()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(503, "<script>alert(1)</script>");
        await using var server = await ErrandTests.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        await alice.CreateRoomAsync("hall", "private");

        using var made = await alice.PostFormAsync(List, ("url", receiver.Address.ToString()), ("rooms", "den"), ("rooms", "hall"));
        Assert.Equal((HttpStatusCode.SeeOther, List), (made.StatusCode, made.Headers.Location?.OriginalString));
        var shown = await alice.GetStringAsync(List, Ct);
        var secret = Secret().Match(WebUtility.HtmlDecode(shown)).Value;
        Assert.NotEmpty(secret);
        Assert.DoesNotContain(secret, WebUtility.HtmlDecode(await alice.GetStringAsync(List, Ct)), StringComparison.Ordinal);
        var page = Page().Match(shown).Value;

        using var tested = await alice.PostFormAsync(page, ("act", "test"));
        var call = (await receiver.WaitAsync(1))[0];
        await Eventually.TrueAsync(async () => (await alice.GetStringAsync(page, Ct)).Contains("503", StringComparison.Ordinal));
        Assert.Equal(["test"], await ErrandTests.VerifyAsync((secret, call)));
        var log = await alice.GetStringAsync(page, Ct);
        Assert.Contains("未送達", log, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", log, StringComparison.Ordinal);

        using var rotated = await alice.PostFormAsync(page, ("act", "rotate"));
        var other = Secret().Match(WebUtility.HtmlDecode(await alice.GetStringAsync(page, Ct))).Value;
        Assert.True(other.Length > 0 && other != secret);
        Assert.Contains("舊密鑰的簽章會附到", await alice.GetStringAsync(page, Ct), StringComparison.Ordinal);

        using var removed = await alice.PostFormAsync(page, ("act", "delete"));
        Assert.Equal(List, removed.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(new Uri(page, UriKind.Relative), Ct)).StatusCode);
        Assert.Contains("還沒有傳出的網路掛鉤", await alice.GetStringAsync(List, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_registered_is_said_and_what_was_typed_stays()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        (string Url, string Room, string Text)[] forms =
            [("ftp://a.example", "den", "請填完整的網址"), ("http://127.0.0.1/", "den", "通往內部網路"), ("https://a.example/in", "nowhere", "沒有這個聊天室")];
        foreach (var (url, room, text) in forms)
        {
            using var answer = await alice.PostFormAsync(List, ("url", url), ("rooms", room));
            var page = await answer.Content.ReadAsStringAsync(Ct);

            Assert.True((int)answer.StatusCode is 400 or 404, $"{answer.StatusCode}");
            Assert.Contains(text, page, StringComparison.Ordinal);
            Assert.Contains($"value=\"{url}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Anothers_webhook_is_not_there()
    {
        await using var server = await ErrandTests.StartAsync();
        using var alice = await HookOwner.CreateAsync(server, new Uri("http://nowhere.invalid/"));
        using var bob = await server.SignInAsync("bob");
        using var nobody = server.CreateClient();
        var page = $"{List}{alice.Id}/";

        foreach (var act in (string[])["test", "rotate", "resume", "delete", "replay", "replay_range"])
        {
            using var answer = await bob.PostFormFromAsync(List, page, ("act", act), ("delivery", "1"), ("first", "1"), ("last", "2"));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var seen = await bob.GetAsync(new Uri(page, UriKind.Relative), Ct);
        using var login = await nobody.GetAsync(new Uri(page, UriKind.Relative), Ct);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Redirect), (seen.StatusCode, login.StatusCode));
        Assert.Empty(await alice.ListDeliveriesAsync());
        Assert.Equal("running", (string?)(await alice.GetAsync())["state"]);
    }

    [GeneratedRegex(@"whsec_[A-Za-z0-9+/=]{44}")]
    private static partial Regex Secret();

    [GeneratedRegex(@"/settings/webhooks/\d+/")]
    private static partial Regex Page();
}
