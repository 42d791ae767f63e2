using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>The Enter that confirms a candidate never sends, in both orders of events that browsers have.</summary>
public sealed class ImeTests(Chromium chromium)
{
    [Fact]
    public async Task Enter_during_composition_does_not_send_and_the_next_one_does()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/tea/");
        await page.Locator("#content").FocusAsync();
        var devtools = await alice.Context.NewCDPSessionAsync(page);

        // Chromium: keydown with isComposing, then compositionend.
        await devtools.SendAsync("Input.imeSetComposition", new() { ["text"] = "ㄔㄚˊ", ["selectionStart"] = 3, ["selectionEnd"] = 3 });
        await devtools.SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "rawKeyDown", ["key"] = "Process", ["code"] = "Enter", ["windowsVirtualKeyCode"] = 229 });
        await devtools.SendAsync("Input.insertText", new() { ["text"] = "茶" });
        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync("茶");
        Assert.Equal(0, await page.Message("茶").CountAsync());

        // Safari: compositionend first, then a keydown of 229 that no longer says it composes.
        await page.EvaluateAsync("""
            () => {
              const field = document.getElementById('content');
              field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
              field.value = '茶館';
              field.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
              field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '館' }));
              const enter = new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true });
              Object.defineProperty(enter, 'keyCode', { value: 229 });
              field.dispatchEvent(enter);
            }
            """);
        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync("茶館");
        Assert.Equal(0, await page.Locator("#timeline > li[data-kind=text]").CountAsync());

        await page.Locator("#content").PressAsync("Enter");
        await page.SeeAsync("茶館");
        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Shift_enter_breaks_the_line()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/tea/");

        await page.Locator("#content").PressSequentiallyAsync("一");
        await page.Locator("#content").PressAsync("Shift+Enter");
        await page.Locator("#content").PressSequentiallyAsync("二");
        await page.Locator("#content").PressAsync("Control+Enter");

        await page.Locator("#timeline > li[data-kind=text]").WaitForAsync();
        Assert.Equal(["一\n二"], await ConversationTests.TextsAsync(page));
    }
}
