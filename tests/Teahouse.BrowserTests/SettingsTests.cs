using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>What somebody decides about themselves, from one end of <c>/settings/</c> to the other.</summary>
public sealed class SettingsTests(Chromium chromium)
{
    [Fact]
    public async Task A_colour_is_chosen_by_keyboard_and_seen_at_once_and_by_others()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "bob", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        // Both are in the room before the choice.
        var open = await alice.EnterAsync("/room/tea/");
        var reader = await bob.EnterAsync("/room/tea/");
        await open.SayAsync("先說一句");
        await reader.SeeAsync("先說一句");
        var page = await alice.NewPageAsync();
        await page.GotoAsync("/settings/");

        // Alice's name has the tenth colour; the third from the left is chosen by keys alone.
        await Assertions.Expect(page.Locator("#profile form > p .avatar")).ToHaveClassAsync(new Regex("avatar-9"));
        await page.GetByLabel("依我的名字決定").FocusAsync();
        for (var i = 0; i < 3; i++)
        {
            await page.Keyboard.PressAsync("ArrowDown");
        }
        await Assertions.Expect(page.GetByLabel("天空藍")).ToBeCheckedAsync();
        await Assertions.Expect(page.Locator("#profile form > p .avatar")).ToHaveClassAsync(new Regex("avatar-2"));
        List<string> found = [];
        await PagesTests.InspectAsync(page, "settings-colour", found);
        await page.Locator("#profile").GetByRole(AriaRole.Button, new() { Name = "儲存", Exact = true }).ClickAsync();
        await page.Locator(".notice").First.WaitForAsync();
        await Assertions.Expect(page.GetByLabel("天空藍")).ToBeCheckedAsync();
        await open.SayAsync("換了顏色");
        await reader.SeeAsync("換了顏色");

        await Assertions.Expect(reader.Message("換了顏色").Locator(".avatar")).ToHaveClassAsync(new Regex("avatar-2"));
        Assert.Empty(found);
        Assert.Empty(alice.Problems);
        Assert.Empty(bob.Problems);
    }
}
