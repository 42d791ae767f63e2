using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class NotificationSettingsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly Uri Settings = new("/settings/", UriKind.Relative);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact, Trait("Database", "Both")]
    public async Task What_one_is_told_of_holds_in_every_browser_and_for_nobody_else()
    {
        using var here = await Server.SignInAsync("ann");
        using var there = await Server.SignInAsync("ann");
        using var other = await Server.SignInAsync("bea");
        var before = await here.GetStringAsync(Settings, Ct);

        using var changed = await here.PostFormAsync("/settings/", ("act", "notifications"), ("notify", "mentions"), ("sound", "on"));

        Assert.Equal((HttpStatusCode.SeeOther, "/settings/#notifications"), (changed.StatusCode, changed.Headers.Location?.OriginalString));
        Assert.Matches("""name="notify" value="all" checked""", before);
        Assert.Contains("data-notify=\"all\"", before, StringComparison.Ordinal);
        Assert.Contains("data-sound=\"false\"", before, StringComparison.Ordinal);
        foreach (var browser in (HttpClient[])[here, there])
        {
            var page = await browser.GetStringAsync(Settings, Ct);
            Assert.Matches("""name="notify" value="mentions" checked""", page);
            Assert.Matches("""name="sound" value="on" checked""", page);
            Assert.Matches("""id="room-list"[^>]* data-notify="mentions" data-sound="true" """, page);
        }
        Assert.Contains("data-notify=\"all\"", await other.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
        // A box without its tick is not sent.
        (await there.PostFormAsync("/settings/", ("act", "notifications"), ("notify", "none"))).Dispose();
        var silent = await here.GetStringAsync(Settings, Ct);
        Assert.Matches("""name="notify" value="none" checked""", silent);
        Assert.Contains("data-sound=\"false\"", silent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "on")]
    [InlineData("some", "on")]
    [InlineData("all", "loud")]
    public async Task What_is_not_offered_is_refused(string notify, string sound)
    {
        using var client = await Server.SignInAsync("cy");

        using var answer = await client.PostFormAsync("/settings/", ("act", "notifications"), ("notify", notify), ("sound", sound));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("data-notify=\"all\"", await client.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_calls_the_reader_by_either_name_stands_out_for_them_alone()
    {
        using var dee = await Server.SignInAsync("dee");
        using var eli = await Server.SignInAsync("eli");
        (await dee.PostFormAsync("/settings/", ("act", "profile"), ("display_name", "小迪"))).Dispose();
        await eli.CreateRoomAsync("porch", "members");
        foreach (var text in (string[])["@DEE 在嗎", "找@小迪，有空嗎", "@小迪華 早", "dee@example.org"])
        {
            (await eli.PostFormAsync("/room/porch/", ("content", text))).Dispose();
        }
        (await dee.PostFormAsync("/room/porch/", ("content", "我是 @dee"))).Dispose();
        var room = new Uri("/room/porch/", UriKind.Relative);

        var hers = await dee.GetStringAsync(room, Ct);
        var his = await eli.GetStringAsync(room, Ct);

        Assert.Equal(2, hers.Split("msg-mention").Length - 1);
        Assert.Matches("""(?s)<li class="msg msg-mention[^>]*>.{0,3000}@DEE 在嗎""", hers);
        Assert.DoesNotContain("msg-mention", his, StringComparison.Ordinal);
    }
}
