using Microsoft.Playwright;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>The panes around every page.</summary>
public sealed class FrameTests(Chromium chromium)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_the_panes_scroll_and_the_open_room_is_in_sight(bool phone)
    {
        await using var server = await TestServer.StartAsync();
        var aliceId = await server.AddUserAsync("alice", isAdmin: true);
        await server.Get<Db>().WriteAsync(async session =>
        {
            var store = server.Get<RoomStore>();
            for (var i = 0; i < 25; i++)
            {
                var at = DateTimeOffset.UnixEpoch.AddDays(100 - i);
                var room = await store.InsertAsync(session, "room", $"r{i}", $"Room {i}", "", Access.Members, aliceId, at);
                await store.AddMemberAsync(session, room!.Id, aliceId, Role.Owner, 0, at);
            }
        }, TestContext.Current.CancellationToken);
        await using var alice = await chromium.SignInAsync(server, "alice", new ProfileOptions { Phone = phone });
        var page = await alice.NewPageAsync();

        // On a phone the list is the home page, which is as long as it.
        foreach (var path in (string[])["/room/r24/", "/settings/", "/room/r24/settings/", "/admin/users/", .. phone ? (string[])[] : ["/"]])
        {
            await page.GotoAsync(path);
            Assert.Equal((path, 0), (path, await page.EvaluateAsync<int>("() => { scrollTo(0, 500); return document.documentElement.scrollHeight - innerHeight + scrollY; }")));
        }
        if (!phone)
        {
            await page.GotoAsync("/room/r24/");
            await Assertions.Expect(page.Locator(".room-row[aria-current=page]")).ToBeInViewportAsync();
        }
    }

    [Fact]
    public async Task A_drawer_takes_the_focus_keeps_it_and_gives_it_back()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice", new ProfileOptions { Phone = true });
        var page = await alice.EnterAsync("/room/tea/");
        var button = page.Locator("[aria-controls=side]");

        await button.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#side .side-close")).ToBeFocusedAsync();
        for (var i = 0; i < 6; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.False(await page.EvaluateAsync<bool>("() => document.activeElement.closest('.pane-main, .pane-rooms') !== null"));
        }
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(button).ToBeFocusedAsync();

        await page.Locator(".conv-head .only-narrow").ClickAsync();
        await Assertions.Expect(page.Locator(".pane-rooms :focus")).ToHaveCountAsync(1);
        Assert.True(await page.Locator("#main").EvaluateAsync<bool>("main => main.inert"));
        await page.Keyboard.PressAsync("Escape");
        Assert.False(await page.Locator("#main").EvaluateAsync<bool>("main => main.inert"));
        Assert.Empty(alice.Problems);
    }

    [Fact]
    public async Task Times_are_of_the_zone_that_was_chosen()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.NewPageAsync();
        await page.GotoAsync("/settings/");
        var here = await page.Locator("#sessions time").First.InnerTextAsync();

        await page.Locator("#f-time_zone").SelectOptionAsync("Pacific/Kiritimati");
        await page.Locator("#profile .btn-primary").ClickAsync();
        await page.Locator(".sheet > .notice").WaitForAsync();

        await Assertions.Expect(page.Locator("#sessions time").First).Not.ToHaveTextAsync(here);
    }
}
