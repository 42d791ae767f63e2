using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>Saying better what was said.</summary>
public sealed class EditingTests(Chromium chromium)
{
    [Fact]
    public async Task An_author_edits_by_the_pencil_or_by_the_arrow_key_and_everybody_sees_it()
    {
        List<string> found = [];
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea", title: "茶館");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob", new() { Phone = true, Dark = true });
        var page = await alice.EnterAsync("/room/tea/");
        var bobs = await bob.EnterAsync("/room/tea/");
        await page.SayAsync("大家早按");
        await bobs.SeeAsync("大家早按");
        // Nobody edits what others said, not even who may remove it.
        await bobs.Locator("#content").FillAsync("早");
        await bobs.Locator(".composer-send").ClickAsync();
        await page.SeeAsync("早");
        await page.Message("早").HoverAsync();
        await Assertions.Expect(page.Message("早").Locator("[data-act=edit]")).ToBeHiddenAsync();
        await Assertions.Expect(page.Message("早").Locator("[data-act=remove]")).ToBeVisibleAsync();

        await page.Message("大家早按").HoverAsync();
        await PagesTests.InspectAsync(page, "edit-hover", found);
        await page.Message("大家早按").GetByRole(AriaRole.Button, new() { Name = "編輯訊息" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.Locator("textarea")).ToHaveValueAsync("大家早按");
        await Assertions.Expect(dialog.Locator("textarea")).ToBeFocusedAsync();
        await PagesTests.InspectAsync(page, "edit-dialog", found);
        await dialog.Locator("textarea").FillAsync(" ");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "儲存" }).ClickAsync();
        await Assertions.Expect(dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await PagesTests.InspectAsync(page, "edit-refused", found);
        await dialog.Locator("textarea").FillAsync("大家早安");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "儲存" }).ClickAsync();

        await Assertions.Expect(dialog).ToBeHiddenAsync();
        await bobs.SeeAsync("大家早安");
        await page.SeeAsync("大家早安");
        await Assertions.Expect(page.Message("大家早安")).ToBeFocusedAsync();
        await Assertions.Expect(bobs.Message("大家早安").Locator("[data-slot=edited]")).ToBeVisibleAsync();
        await PagesTests.InspectAsync(bobs, "edited-phone-dark", found);

        await page.Locator("#content").FocusAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await Assertions.Expect(dialog.Locator("textarea")).ToHaveValueAsync("大家早安");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).ToBeHiddenAsync();
        await page.Locator("#content").FocusAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await dialog.Locator("textarea").FillAsync("大家午安");
        await page.Keyboard.PressAsync("Enter");
        await bobs.SeeAsync("大家午安");
        await bobs.ReloadAsync();
        await bobs.SeeAsync("大家午安");
        await bobs.Message("早").Locator(".bubble").TapAsync();
        await Assertions.Expect(bobs.Message("早").Locator("[data-act=edit]")).ToBeVisibleAsync();
        await PagesTests.InspectAsync(bobs, "edit-own-phone-dark", found);
        Assert.Empty(found);
        Assert.Empty(alice.Problems);
        Assert.Empty(bob.Problems);
    }
}
