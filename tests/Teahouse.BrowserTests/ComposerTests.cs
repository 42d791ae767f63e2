using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>What becomes of what was written when it cannot be sent.</summary>
public sealed class ComposerTests(Chromium chromium)
{
    [Fact]
    public async Task What_is_too_long_stays_in_the_field_with_a_count_and_can_be_shortened()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGE_CHARS", "20")]);
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/tea/");
        var text = string.Concat(Enumerable.Repeat("茶🍵", 11));

        await page.SayAsync(text);

        await Assertions.Expect(page.Locator("#composer-count")).ToContainTextAsync("超過 2 個字");
        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync(text);
        await Assertions.Expect(page.Locator("#pending > li")).ToHaveCountAsync(0);
        await page.SayAsync(text[..^3]);
        await page.SeeAsync(text[..^3]);
    }

    [Fact]
    public async Task What_the_server_refuses_for_good_can_be_written_anew()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/tea/");

        // A text of nothing that shows.
        await page.SayAsync("\u200b");
        var failed = page.Locator("#pending .failed");
        await Assertions.Expect(failed.Locator("[data-act=retry]")).ToHaveCountAsync(0);
        await failed.Locator("[data-act=rewrite]").ClickAsync();

        await Assertions.Expect(page.Locator("#pending > li")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync("\u200b");
    }

    [Fact]
    public async Task Whoever_is_out_of_the_room_is_promised_nothing_and_keeps_what_was_written()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        using var owner = await server.SignInAsync("alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        var page = await bob.EnterAsync("/room/tea/");
        await page.Locator("#content").PressSequentiallyAsync("寫到一半");

        await owner.PostFormAsync("/room/tea/settings/", ("act", "ban"), ("ban_username", "bob"));

        await Assertions.Expect(page.Locator("#banner [data-slot=home]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".composer-send")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("#content")).Not.ToBeEditableAsync();
        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync("寫到一半");
        await Assertions.Expect(page.Locator("#online-count")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("#composer-count")).ToContainTextAsync("不能再傳送");
    }

    [Fact]
    public async Task What_a_room_is_called_changes_everywhere_on_its_open_page()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea", title: "喝茶");
        using var owner = await server.SignInAsync("alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        var page = await bob.EnterAsync("/room/tea/");
        await page.Locator("[aria-controls=side]").ClickAsync();
        // Reading along makes one a member, and the pane says so.
        await Assertions.Expect(page.Locator("#members [data-user=bob]")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#side form[action$='/join/']")).ToHaveCountAsync(0);

        await owner.PostFormAsync("/room/tea/settings/", ("act", "update"), ("title", "品茗"), ("topic", "今天喝什麼"), ("access", "guests"));

        await Assertions.Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("品茗 · "));
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("品茗");
        await Assertions.Expect(page.Locator("#beginning")).ToContainTextAsync("「品茗」");
        await Assertions.Expect(page.Locator("#side [data-slot=side-topic]")).ToHaveTextAsync("今天喝什麼");
        await Assertions.Expect(page.Locator("#side [data-access=guests]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#side [data-access=members]")).ToBeHiddenAsync();
        Assert.Empty(bob.Problems);
    }

    [Fact]
    public async Task What_belongs_to_a_message_is_reached_from_it_alone()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/tea/");
        await page.SayAsync("一");
        await page.SeeAsync("一");
        Assert.Equal(0, await page.EvaluateAsync<int>("() => [...document.querySelectorAll('#timeline .msg-time, #timeline .msg-act')].filter(stop => stop.tabIndex >= 0).length"));

        await page.Message("一").FocusAsync();
        foreach (var act in (string[])["edit", "remove"])
        {
            await page.Keyboard.PressAsync("Tab");
            await Assertions.Expect(page.Message("一").Locator($"[data-act={act}]")).ToBeFocusedAsync();
        }
        await page.Keyboard.PressAsync("Tab");

        await Assertions.Expect(page.Message("一").Locator(".msg-time")).ToBeFocusedAsync();
    }
}
