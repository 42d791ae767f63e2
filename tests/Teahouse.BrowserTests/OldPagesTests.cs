using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>The unchanged pages of systems B, C and D talk with each other and with Teahouse's own.</summary>
public sealed partial class OldPagesTests(Chromium chromium)
{
    private const string Room = "testroom";

    [Fact]
    public async Task The_old_systems_pages_and_ours_are_in_one_room()
    {
        await using var old = await OldPagesHost.StartAsync();
        await using var server = await TestServer.StartAsync([("ALLOWED_ORIGINS", old.Address.GetLeftPart(UriPartial.Authority))]);
        await server.AddUserAsync("admin", isAdmin: true);
        old.SocketHost = server.Address;
        await using var visitors = await chromium.OpenAsync(new ProfileOptions { BaseAddress = old.Address });
        await using var guest = await chromium.OpenAsync(server);
        var b = await OpenAsync(visitors, $"/b/{Room}");
        var c = await OpenAsync(visitors, $"/c/{Room}?username=Chrome");
        var d = await OpenAsync(visitors, $"/d/{Room}");
        var ours = await guest.EnterAsync($"/chat/{Room}/?username=Edge");

        await SendAsync(b, "從 B 來");
        await SendAsync(c, "從 C 來");
        await SendAsync(d, "從 D 來");
        await ours.SayAsync("從茶館來");

        // B: name, full time, text, one line each.
        var lines = b.Locator("#chat-log > div");
        await Assertions.Expect(lines).ToHaveCountAsync(4);
        Assert.Matches(@"^未登入用戶 \(\d{4}/\d{1,2}/\d{1,2} \d\d:\d\d:\d\d\): 從 B 來$", await lines.Nth(0).InnerTextAsync());
        Assert.Matches(@"^Chrome \(.*\): 從 C 來$", await lines.Nth(1).InnerTextAsync());
        Assert.Matches(@"^未登入用戶 \(.*\): 從 D 來$", await lines.Nth(2).InnerTextAsync());
        Assert.Matches(@"^Edge \(.*\): 從茶館來$", await lines.Nth(3).InnerTextAsync());

        // C: own on one side without a name, others with theirs, time as HH:MM.
        var bubbles = c.Locator("#chat-log > .message");
        await Assertions.Expect(bubbles).ToHaveCountAsync(4);
        await Assertions.Expect(bubbles.Nth(1)).ToHaveClassAsync("message self");
        await Assertions.Expect(bubbles.Nth(3)).ToHaveClassAsync("message other");
        await Assertions.Expect(bubbles.Nth(3).Locator(".sender-name")).ToHaveTextAsync("Edge");
        await Assertions.Expect(bubbles.Nth(1).Locator(".sender-name")).ToHaveCountAsync(0);
        await Assertions.Expect(bubbles.Nth(3).Locator(".meta")).ToHaveTextAsync(Clock());

        // D: the text alone.
        await Assertions.Expect(d.Locator("#chat-log")).ToHaveValueAsync("從 B 來\n從 C 來\n從 D 來\n從茶館來\n");

        await ours.SeeAsync("從 D 來");
        Assert.Equal(["從 B 來", "從 C 來", "從 D 來", "從茶館來"], await ConversationTests.TextsAsync(ours));
        Assert.Empty(visitors.Problems);
    }

    private static async Task<IPage> OpenAsync(Profile profile, string path)
    {
        var page = await profile.NewPageAsync();
        var socket = page.WaitForWebSocketAsync();
        await page.GotoAsync(path);
        await socket;
        await page.WaitForFunctionAsync("() => (typeof chatSocket === 'undefined' ? webSocket : chatSocket).readyState === 1");
        return page;
    }

    private static async Task SendAsync(IPage page, string text)
    {
        await page.Locator("#chat-message-input").FillAsync(text);
        await page.Locator("#chat-message-submit").ClickAsync();
        // The next one is sent when this one has come back: the order is part of what is checked.
        await page.WaitForFunctionAsync("text => (document.querySelector('#chat-log').value ?? document.querySelector('#chat-log').textContent).includes(text)", text);
    }

    [GeneratedRegex(@"^\d\d:\d\d$")]
    private static partial Regex Clock();
}
