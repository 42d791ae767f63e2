using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>Taking back what was said.</summary>
public sealed class RemovingTests(Chromium chromium)
{
    [Fact]
    public async Task An_owner_removes_a_message_and_it_is_gone_from_every_page()
    {
        List<string> found = [];
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea", title: "茶館");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob", new() { Phone = true, Dark = true });
        var bobs = await bob.EnterAsync("/room/tea/");
        foreach (var text in (string[])["大家早安", "這一句說錯了"])
        {
            await bobs.Locator("#content").FillAsync(text);
            await bobs.Locator(".composer-send").ClickAsync();
            await bobs.SeeAsync(text);
        }
        var page = await alice.EnterAsync("/room/tea/");
        await page.SeeAsync("這一句說錯了");
        // Nobody removes what others said without governing the room.
        await page.SayAsync("我是室主");
        await bobs.SeeAsync("我是室主");
        await Assertions.Expect(bobs.Message("我是室主").Locator("[data-act=remove]")).ToBeHiddenAsync();
        await bobs.Message("大家早安").Locator(".bubble").TapAsync();
        await Assertions.Expect(bobs.Message("大家早安").Locator("[data-act=remove]")).ToBeVisibleAsync();
        await PagesTests.InspectAsync(bobs, "remove-own-phone-dark", found);

        await page.Message("這一句說錯了").HoverAsync();
        await PagesTests.InspectAsync(page, "remove-hover", found);
        await page.Message("這一句說錯了").GetByRole(AriaRole.Button, new() { Name = "移除訊息" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync("這一句說錯了");
        await PagesTests.InspectAsync(page, "remove-dialog", found);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "取消" }).ClickAsync();
        await page.SeeAsync("這一句說錯了");
        await page.Message("這一句說錯了").HoverAsync();
        await page.Message("這一句說錯了").GetByRole(AriaRole.Button, new() { Name = "移除訊息" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "移除訊息" }).ClickAsync();

        await bobs.SeeAsync("訊息已移除");
        await page.SeeAsync("訊息已移除");
        await Assertions.Expect(bobs.GetByText("這一句說錯了")).ToHaveCountAsync(0);
        await Assertions.Expect(dialog).ToBeHiddenAsync();
        await Assertions.Expect(page.Message("訊息已移除")).ToBeFocusedAsync();
        await PagesTests.InspectAsync(page, "removed", found);
        await bobs.ReloadAsync();
        await bobs.SeeAsync("訊息已移除");
        Assert.Empty(found);
        Assert.Empty(alice.Problems);
        Assert.Empty(bob.Problems);
    }

    [Fact]
    public async Task With_what_a_guest_said_the_guest_is_kept_out()
    {
        List<string> found = [];
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "廣場", access: "guests");
        await using var alice = await chromium.SignInAsync(server, "alice", new() { Phone = true });
        await using var guest = await chromium.OpenAsync(server);
        var theirs = await guest.EnterAsync("/chat/廣場/?username=廣告機");
        await theirs.SayAsync("快來買茶葉");
        await theirs.SeeAsync("快來買茶葉");
        var page = await alice.EnterAsync("/room/廣場/");

        await page.Message("快來買茶葉").Locator(".bubble").TapAsync();
        await page.Message("快來買茶葉").GetByRole(AriaRole.Button, new() { Name = "移除訊息" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByText("連同網路位址")).ToBeHiddenAsync();
        await dialog.GetByText("同時封鎖").ClickAsync();
        await Assertions.Expect(dialog.GetByText("連同網路位址")).ToBeVisibleAsync();
        await PagesTests.InspectAsync(page, "ban-guest-phone", found);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "移除訊息" }).ClickAsync();

        await page.SeeAsync("訊息已移除");
        await Assertions.Expect(theirs.Locator("#banner")).ToBeVisibleAsync();
        await PagesTests.InspectAsync(theirs, "banned-guest", found);
        await page.GotoAsync("/room/廣場/settings/#bans");
        await Assertions.Expect(page.Locator("#bans")).ToContainTextAsync("廣告機");
        await PagesTests.InspectAsync(page, "bans-phone", found);
        await page.Locator("#bans").GetByRole(AriaRole.Button, new() { Name = "解除封鎖 廣告機" }).ClickAsync();
        await Assertions.Expect(page.Locator("#bans")).Not.ToContainTextAsync("廣告機");
        Assert.Empty(found);
    }
}
