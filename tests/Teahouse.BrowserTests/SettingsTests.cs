using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>What somebody decides about themselves, from one end of <c>/settings/</c> to the other, and what becomes of it elsewhere.</summary>
public sealed class SettingsTests(Chromium chromium)
{
    /// <summary>Keeps what the page would show and sound, and lets a test hide the page.</summary>
    private const string Senses = """
        window.shown = [];
        window.notes = 0;
        window.away = false;
        Object.defineProperty(document, 'visibilityState', { get: () => window.away ? 'hidden' : 'visible' });
        window.OscillatorNode = class extends OscillatorNode { constructor(...how) { super(...how); window.notes++; } };
        window.Notification = class {
          static get permission() { return localStorage.getItem('permission') ?? 'default'; }
          static async requestPermission() { localStorage.setItem('permission', 'granted'); return 'granted'; }
          constructor(title, { body }) { window.shown.push(`${title}: ${body}`); }
          close() {}
        };
        """;

    [Fact]
    public async Task One_goes_through_all_settings_and_finds_them_kept()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        await Journeys.CreateRoomAsync(server, "bob", "tea");
        using var bob = await server.SignInAsync("bob");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await alice.Context.AddInitScriptAsync(Senses);
        var others = await server.SignInCookiesAsync("alice");
        // Open before anything is chosen, as in another tab.
        var open = await alice.EnterAsync("/room/tea/");
        var page = await alice.NewPageAsync();
        await page.GotoAsync("/settings/");

        await ChooseColourAsync(page);
        await open.SayAsync("換了顏色");
        await open.SeeAsync("換了顏色");
        await ChooseNotificationsAsync(page);
        await ChooseEnterAsync(page);
        await HearOnlyWhatIsWantedAsync(alice, page, bob);
        await TakeDataAsync(page);
        await EndOtherSessionAsync(page, server, others);
        await ThinkBetterOfLeavingAsync(page);

        List<string> found = [];
        await PagesTests.InspectAsync(page, "settings-kept", found);
        Assert.Empty(found);
        Assert.Empty(alice.Problems);
        Assert.Contains("avatar avatar-2", await bob.GetStringAsync(new Uri("/room/tea/", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>By keys alone; the avatar shows it before anything is stored.</summary>
    private static async Task ChooseColourAsync(IPage page)
    {
        var avatar = page.Locator("#profile form > p .avatar");
        await Assertions.Expect(avatar).ToHaveClassAsync(new Regex("avatar-9"));
        await page.GetByLabel("依我的名字決定").FocusAsync();
        for (var i = 0; i < 3; i++)
        {
            await page.Keyboard.PressAsync("ArrowDown");
        }
        await Assertions.Expect(page.GetByLabel("天空藍")).ToBeCheckedAsync();
        await Assertions.Expect(avatar).ToHaveClassAsync(new Regex("avatar-2"));
        await SaveAsync(page, "#profile");
        await Assertions.Expect(page.GetByLabel("天空藍")).ToBeCheckedAsync();
    }

    private static async Task ChooseNotificationsAsync(IPage page)
    {
        var section = page.Locator("#notifications");
        await Assertions.Expect(section.GetByText("這個瀏覽器還沒有開啟通知。")).ToBeVisibleAsync();
        await section.GetByRole(AriaRole.Button, new() { Name = "在這個瀏覽器開啟通知" }).ClickAsync();
        await Assertions.Expect(section.GetByText("這個瀏覽器會顯示通知。")).ToBeVisibleAsync();
        await section.GetByLabel("提到我與專案對話").CheckAsync();
        await section.GetByLabel("播放提示音").CheckAsync();
        // Who wants the tone hears it at once.
        await HearAsync(2, page);
        await SaveAsync(page, "#notifications");
        await Assertions.Expect(section.GetByLabel("提到我與專案對話")).ToBeCheckedAsync();
        await Assertions.Expect(section.GetByLabel("播放提示音")).ToBeCheckedAsync();
    }

    private static async Task ChooseEnterAsync(IPage page)
    {
        await page.GetByLabel("換行（Ctrl + Enter 傳送）").CheckAsync();
        await SaveAsync(page, "#writing");
    }

    /// <summary>In a room that was opened since: by name one is called, otherwise left in peace; not while one looks; and once, by whichever page.</summary>
    private static async Task HearOnlyWhatIsWantedAsync(Profile alice, IPage settings, HttpClient bob)
    {
        var room = await alice.EnterAsync("/room/tea/");
        await room.Locator("#content").ClickAsync();
        await room.Locator("#content").PressSequentiallyAsync("一");
        await room.Locator("#content").PressAsync("Enter");
        await Assertions.Expect(room.Locator("#content")).ToHaveValueAsync("一\n");
        await room.EvaluateAsync("window.away = true");
        foreach (var text in (string[])["大家早", "＠Alice 快來"])
        {
            (await bob.PostFormAsync("/room/tea/", ("content", text))).Dispose();
        }
        await Assertions.Expect(room.Message("＠Alice 快來")).ToHaveClassAsync(new Regex("msg-mention"));
        await Assertions.Expect(room.Message("大家早")).Not.ToHaveClassAsync(new Regex("msg-mention"));
        await HearAsync(2, room, settings);
        Assert.Equal(["bob · tea: ＠Alice 快來"], await room.EvaluateAsync<string[]>("window.shown"));
        await room.EvaluateAsync("window.away = false");
        (await bob.PostFormAsync("/room/tea/", ("content", "@alice 看到了嗎"))).Dispose();
        await room.SeeAsync("@alice 看到了嗎");
        await room.EvaluateAsync("window.away = true");
        (await bob.PostFormAsync("/room/tea/", ("content", "@alice 還在嗎"))).Dispose();
        await Eventually.TrueAsync(async () => await room.EvaluateAsync<int>("window.shown.length") == 2);
        await HearAsync(4, room, settings);
        await room.CloseAsync();
    }

    private static async Task TakeDataAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "下載我的資料" }).ClickAsync();
        await page.Locator("form.row button").ClickAsync();
        var download = page.Locator("a[download]");
        await Eventually.TrueAsync(async () =>
        {
            await page.ReloadAsync();
            return await download.CountAsync() > 0;
        });
        var file = await page.RunAndWaitForDownloadAsync(() => download.ClickAsync());
        var profile = JsonNode.Parse(await File.ReadAllTextAsync(await file.PathAsync()))!["profile"]!;
        Assert.Equal((2, "mentions", true, true), ((int)profile["avatar_colour"]!, (string)profile["notify_of"]!, (bool)profile["notify_sound"]!, (bool)profile["enter_breaks"]!));
        await page.GotoAsync("/settings/");
    }

    private static async Task EndOtherSessionAsync(IPage page, TestServer server, CookieContainer others)
    {
        using var other = server.CreateClient(others);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(new Uri("/settings/", UriKind.Relative))).StatusCode);
        var ends = page.Locator("#sessions li").GetByRole(AriaRole.Button, new() { Name = "登出" });
        await Assertions.Expect(ends).ToHaveCountAsync(1);
        await ends.ClickAsync();
        await Assertions.Expect(ends).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.Redirect, (await other.GetAsync(new Uri("/settings/", UriKind.Relative))).StatusCode);
    }

    /// <summary>Without the right password nobody leaves.</summary>
    private static async Task ThinkBetterOfLeavingAsync(IPage page)
    {
        var section = page.Locator("#delete");
        await section.GetByLabel("現在就刪除").CheckAsync();
        await section.Locator("input[name=delete_password]").FillAsync("not the password");
        await section.GetByRole(AriaRole.Button, new() { Name = "刪除帳號" }).ClickAsync();
        await Assertions.Expect(section.Locator(".field-error")).ToBeVisibleAsync();
        await page.GotoAsync("/settings/");
        await Assertions.Expect(page.GetByLabel("天空藍")).ToBeCheckedAsync();
        await Assertions.Expect(page.GetByLabel("換行（Ctrl + Enter 傳送）")).ToBeCheckedAsync();
    }

    /// <summary>Waits for as many notes, two of which are a tone, on all pages together, and sees that there were no more.</summary>
    private static async Task HearAsync(int notes, params IPage[] pages)
    {
        await Eventually.TrueAsync(async () => await CountAsync() >= notes);
        Assert.Equal(notes, await CountAsync());

        async Task<int> CountAsync() => (await Task.WhenAll(pages.Select(page => page.EvaluateAsync<int>("window.notes")))).Sum();
    }

    private static async Task SaveAsync(IPage page, string section)
    {
        await page.Locator(section).GetByRole(AriaRole.Button, new() { Name = "儲存", Exact = true }).ClickAsync();
        await page.GetByText("設定已儲存").First.WaitForAsync();
    }
}
