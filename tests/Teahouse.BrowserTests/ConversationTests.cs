using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

public sealed class ConversationTests(Chromium chromium)
{
    [Fact]
    public async Task Two_people_talk()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea", title: "喝茶聊天");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        var hers = await alice.EnterAsync("/room/tea/");
        var his = await bob.EnterAsync("/room/tea/");

        await his.Locator("#content").PressSequentiallyAsync("在打");
        await hers.Locator("#typing").GetByText("bob").WaitForAsync();
        await his.SayAsync("你好，<b>Alice</b>");
        await hers.SeeAsync("你好，<b>Alice</b>");
        await hers.SayAsync("哈囉");
        await his.SeeAsync("哈囉");
        await his.SayAsync("第二則");
        await hers.SeeAsync("第二則");

        Assert.Equal(1, await hers.Message("哈囉").CountAsync());
        await Assertions.Expect(hers.Message("哈囉")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("msg-own"));
        await Assertions.Expect(his.Message("哈囉")).Not.ToHaveClassAsync(new System.Text.RegularExpressions.Regex("msg-own"));
        await his.ReloadAsync();
        await his.WaitForOnlineAsync();
        Assert.Equal(["你好，<b>Alice</b>", "哈囉", "第二則"], await TextsAsync(his));
        Assert.Empty(alice.Problems);
        Assert.Empty(bob.Problems);
    }

    [Fact]
    public async Task The_room_list_and_title_count_what_is_unread()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "one");
        await Journeys.CreateRoomAsync(server, "alice", "two");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        var hers = await alice.EnterAsync("/room/one/");
        var his = await bob.EnterAsync("/room/two/");

        await his.SayAsync("有人嗎");
        var row = hers.Locator(".room-row[data-room=two]");
        await Assertions.Expect(row.Locator(".badge")).ToHaveTextAsync("1");
        await Assertions.Expect(row.Locator("[data-slot=last]")).ToContainTextAsync("有人嗎");
        await Assertions.Expect(hers).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\(1\)"));
        await row.ClickAsync();
        await hers.WaitForOnlineAsync();
        await hers.SeeAsync("有人嗎");
        await Assertions.Expect(hers.Locator(".room-row[data-room=two] .badge")).ToBeHiddenAsync();
        await Assertions.Expect(hers).Not.ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\("));
    }

    [Fact]
    public async Task What_was_read_before_the_socket_opened_is_told_once_it_has()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var bob = await chromium.SignInAsync(server, "bob");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await (await bob.EnterAsync("/room/tea/")).SayAsync("有人嗎");
        var page = await alice.NewPageAsync();
        await page.Clock.InstallAsync();
        var isOpen = new TaskCompletionSource();
        await page.RouteWebSocketAsync(new System.Text.RegularExpressions.Regex("/ws/"), socket =>
            socket.ConnectToServer().OnMessage(async frame =>
            {
                await isOpen.Task;
                socket.Send(frame.Text!);
            }));

        await page.GotoAsync("/room/tea/");
        await page.SeeAsync("有人嗎");
        await page.Clock.RunForAsync(3_000);
        await Assertions.Expect(page.Locator("#link-state:not([data-state=online])")).ToBeAttachedAsync();
        await Assertions.Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\(1\)"));
        isOpen.SetResult();

        await page.WaitForOnlineAsync();
        await Assertions.Expect(page).Not.ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\("));
    }

    [Fact]
    public async Task Guests_meet_in_the_lobby()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        await using var mia = await chromium.OpenAsync(server);
        await using var leo = await chromium.OpenAsync(server, new ProfileOptions { Phone = true });
        var hers = await mia.NewPageAsync();
        await hers.GotoAsync("/chat/");
        await hers.GetByLabel("聊天室名稱").FillAsync("廣場");
        await hers.GetByLabel("你的暱稱").FillAsync("小美");
        await hers.GetByRole(AriaRole.Button, new() { Name = "進入" }).ClickAsync();
        await hers.WaitForOnlineAsync();
        var his = await leo.EnterAsync("/chat/廣場/?username=Leo");

        await hers.SayAsync("第一句");
        await his.SeeAsync("第一句");
        await his.Locator("#content").FillAsync("收到");
        await his.Locator(".composer-send").ClickAsync();
        await hers.SeeAsync("收到");

        await Assertions.Expect(hers.Message("收到").Locator("[data-slot=name]")).ToHaveTextAsync("Leo");
        await Assertions.Expect(hers.Message("收到").Locator("[data-slot=guest]")).ToBeVisibleAsync();
        Assert.Empty(mia.Problems);
        Assert.Empty(leo.Problems);
    }

    [Fact]
    public async Task What_is_written_offline_is_sent_in_order_when_the_server_is_back()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            var server = await TestServer.StartAsync(dataDirectory: directory);
            await Journeys.CreateRoomAsync(server, "alice", "tea");
            var port = server.Address.Port;
            await using var alice = await chromium.SignInAsync(server, "alice");
            var page = await alice.EnterAsync("/room/tea/");
            await page.SayAsync("before");
            await page.SeeAsync("before");

            await server.DisposeAsync();
            await page.Locator("#link-state:not([data-state=online])").WaitForAsync(new() { State = WaitForSelectorState.Attached });
            await page.SayAsync("one");
            await page.SayAsync("two");
            await page.SayAsync("three");
            await Assertions.Expect(page.Locator("#pending > li")).ToHaveCountAsync(3);
            await using var again = await TestServer.StartAsync([("URLS", $"http://127.0.0.1:{port}")], directory);
            await page.WaitForOnlineAsync();
            await page.SeeAsync("three");

            await Assertions.Expect(page.Locator("#pending > li")).ToHaveCountAsync(0);
            Assert.Equal(["before", "one", "two", "three"], await TextsAsync(page));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_draft_outlives_a_reload()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/tea/");

        await page.Locator("#content").PressSequentiallyAsync("寫到一半");
        await page.ReloadAsync();

        await Assertions.Expect(page.Locator("#content")).ToHaveValueAsync("寫到一半");
    }

    [Fact]
    public async Task Without_scripts_history_shows_and_the_form_sends()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice", new ProfileOptions { Scripts = false });
        var page = await alice.NewPageAsync();
        await page.GotoAsync("/room/tea/");

        await page.Locator("#content").FillAsync("沒有腳本");
        await page.Locator(".composer-send").ClickAsync();

        await page.SeeAsync("沒有腳本");
        Assert.Contains("/room/tea/", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_sockets_polling_takes_over()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        await alice.Context.AddInitScriptAsync(NoSockets);
        var hers = await alice.NewPageAsync();
        await hers.GotoAsync("/room/tea/");
        var his = await bob.EnterAsync("/room/tea/");
        await his.SayAsync("聽得到嗎");

        await hers.Message("聽得到嗎").WaitForAsync();
        await hers.SayAsync("聽得到");

        await his.Message("聽得到").WaitForAsync();
    }

    [Fact]
    public async Task Without_sockets_the_room_list_moves_too()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "tea");
        await Journeys.CreateRoomAsync(server, "alice", "coffee");
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var bob = await chromium.SignInAsync(server, "bob");
        await alice.Context.AddInitScriptAsync(NoSockets);
        var room = await alice.NewPageAsync();
        await room.GotoAsync("/room/tea/");
        var settings = await alice.NewPageAsync();
        await settings.GotoAsync("/settings/");

        await (await bob.EnterAsync("/room/coffee/")).SayAsync("熱的");
        await (await bob.EnterAsync("/room/tea/")).SayAsync("綠的");

        foreach (var page in new[] { room, settings })
        {
            await Assertions.Expect(page.Locator("[data-room=coffee] .badge")).ToHaveTextAsync("1");
            await Assertions.Expect(page.Locator("[data-room=coffee] [data-slot=last]")).ToContainTextAsync("熱的");
        }
        // What is looked at is read, and told without a socket.
        await room.BringToFrontAsync();
        await room.Message("綠的").WaitForAsync();
        await Assertions.Expect(settings.Locator("[data-room=tea] .badge")).ToBeHiddenAsync();
        await Assertions.Expect(room.Locator("[data-room=tea] .badge")).ToBeHiddenAsync();
    }

    /// <summary>As in a network that lets no WebSocket through.</summary>
    private const string NoSockets = """
        window.WebSocket = class extends EventTarget {
          constructor() { super(); this.readyState = 0; setTimeout(() => { this.readyState = 3; this.onclose?.(new CloseEvent('close', { code: 1006 })); }, 1); }
          close() {}
          send() {}
        };
        """;

    internal static async Task<IReadOnlyList<string>> TextsAsync(IPage page) =>
        [.. (await page.Locator("#timeline > li[data-kind=text] [data-slot=text]").AllInnerTextsAsync()).Select(text => text.Trim())];
}
