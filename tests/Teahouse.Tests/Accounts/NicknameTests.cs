using System.Net;
using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed class NicknameTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("小明", "小明")]
    [InlineData("  Ann   Lee ", "Ann Lee")]
    [InlineData("Ａｎｎ", "Ann")]
    [InlineData("田中さんFan", "田中さんFan")]
    [InlineData("ㄅㄆㄇ王A", "ㄅㄆㄇ王A")]
    [InlineData("김서준 Kim", "김서준 Kim")]
    [InlineData("Дмитрий", "Дмитрий")]
    [InlineData("สมชาย", "สมชาย")]
    [InlineData("🍵", "🍵")]
    [InlineData("J'aime-le_thé.", "J'aime-le_thé.")]
    public async Task A_readable_name_is_taken_as_it_is_shown(string given, string shown)
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(shown, await server.Get<Nicknames>().CheckAsync(given, Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u3000")]
    [InlineData("...")]
    [InlineData("a\u200Bb")]
    [InlineData("a\u200Db")]
    [InlineData("a\u202Eb")]
    [InlineData("a\u2066b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("\uFEFFa")]
    [InlineData("\u3164")]
    [InlineData("a\uFE0Fb")]
    [InlineData("a\uE000b")]
    [InlineData("\uD800")]
    [InlineData("\u0301a")]
    [InlineData("Z\u0351\u0352\u0353\u0354\u0355")]
    [InlineData("p\u0430ypal")]
    [InlineData("αlice")]
    [InlineData("123456789012345678901234567890123456789012345678901")]
    [InlineData("system")]
    [InlineData("Ѕystem")]
    [InlineData("SYSTEM")]
    [InlineData("系統")]
    [InlineData("系统")]
    public async Task A_name_that_deceives_hides_or_paints_over_is_refused(string given)
    {
        await using var server = await TestServer.StartAsync();

        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await server.Get<Nicknames>().CheckAsync(given, Ct));

        Assert.Equal(Refusal.BadNickname, refused.Refusal);
    }

    [Theory]
    [InlineData("alice", "ALICE")]
    [InlineData("alice", "ａｌｉｃｅ")]
    [InlineData("alice", "AIice")]
    [InlineData("alice", "a1ice")]
    [InlineData("alice", "ali\u0307ce")]
    [InlineData("alịce", "ali\u0323\u0307ce")]
    [InlineData("jane", "j\u0307ane")]
    [InlineData("Bob", "ВОВ")]
    [InlineData("Bob", "b0b")]
    [InlineData("modern", "modem")]
    [InlineData("力工", "カエ")]
    [InlineData("straße", "STRAßE")]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφος")]
    [InlineData("вов", "ВОВ")]
    public async Task A_name_that_looks_like_a_users_is_refused_from_the_moment_the_user_is_there(string user, string nickname)
    {
        await using var server = await TestServer.StartAsync();
        var names = server.Get<Nicknames>();
        Assert.NotEmpty(await names.CheckAsync(nickname, Ct));

        await server.AddUserAsync(user);

        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await names.CheckAsync(nickname, Ct));
        Assert.Equal(Refusal.NicknameTaken, refused.Refusal);
    }

    [Fact]
    public async Task A_pass_keeps_the_name_between_visits_until_it_becomes_a_users()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var guest = server.CreateClient();
        await guest.GetAsync(new Uri("/chat/tea/?username=" + Uri.EscapeDataString("小明"), UriKind.Relative), Ct);
        Assert.Contains("<bdi>小明</bdi>", await guest.GetStringAsync(new Uri("/chat/tea/", UriKind.Relative), Ct), StringComparison.Ordinal);

        await server.AddUserAsync("小明");

        Assert.DoesNotContain("<bdi>小明</bdi>", await guest.GetStringAsync(new Uri("/chat/tea/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_that_was_tampered_with_is_no_pass()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        var cookies = new CookieContainer();
        using var guest = server.CreateClient(cookies);
        await guest.GetAsync(new Uri("/chat/tea/?username=Ann", UriKind.Relative), Ct);
        var pass = cookies.GetCookies(server.Address)["teahouse_guest"];
        Assert.NotNull(pass);
        Assert.True(pass.HttpOnly);

        pass.Value = pass.Value[..^4] + (pass.Value.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA");

        var page = await guest.GetAsync(new Uri("/chat/tea/", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("<bdi>Ann</bdi>", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }
}
