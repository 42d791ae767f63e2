using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>A visitor and the owner of a project, in two browsers.</summary>
public sealed class ProjectChatTests(Chromium chromium)
{
    private const string NoSockets = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 0); } send() {} close() {} };";

    [Fact]
    public async Task They_talk_and_unread_counts_and_read_marks_move()
    {
        await using var stall = await OpenAsync();
        var (visitor, owner) = (stall.Visitor, stall.Owner);
        // The owner's pages are open before anybody has come.
        var page = await owner.NewPageAsync();
        await page.GotoAsync("/projects/cups/");
        var list = await owner.NewPageAsync();
        await list.GotoAsync("/chats/project/cups/list/");

        var hers = await visitor.NewPageAsync();
        await hers.GotoAsync("/projects/cups/");
        await hers.GetByText("與提案者聊天").ClickAsync();
        await hers.WaitForOnlineAsync();
        await hers.SayAsync("你好，杯子還有嗎？");

        // Both pages hear of a chat they did not know.
        await page.GetByText("查看所有對話 (1 未讀)").WaitForAsync();
        var row = list.Locator("#chats .list-link");
        await Assertions.Expect(row.Locator(".badge")).ToHaveTextAsync("1");
        await Assertions.Expect(row).ToContainTextAsync("你好，杯子還有嗎？");
        await Assertions.Expect(hers.Locator("#timeline [data-slot=receipt]")).ToHaveTextAsync("已傳送");

        await row.ClickAsync();
        await list.SeeAsync("你好，杯子還有嗎？");
        await Assertions.Expect(list.Locator(".conv-head h1")).ToHaveTextAsync("visitor");
        await hers.Locator("#timeline [data-slot=receipt]").GetByText("已讀").WaitForAsync();
        await page.GetByText("查看所有對話", new() { Exact = true }).WaitForAsync();

        await list.SayAsync("還有兩個");
        await hers.SeeAsync("還有兩個");
        await list.Locator("#timeline [data-slot=receipt]").GetByText("已讀").WaitForAsync();
        Assert.Empty(visitor.Problems);
        Assert.Empty(owner.Problems);
    }

    [Fact]
    public async Task What_is_said_while_a_page_renews_itself_shows_too()
    {
        await using var stall = await OpenAsync();
        var (visitor, owner) = (stall.Visitor, stall.Owner);
        var hers = await visitor.EnterAsync("/chats/project/cups/");
        var list = await owner.NewPageAsync();
        await list.GotoAsync("/chats/project/cups/list/");
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await list.RouteAsync("**/chats/project/cups/list/", async route =>
        {
            var answer = await route.FetchAsync();
            isAsked.TrySetResult();
            await mayAnswer.Task;
            await route.FulfillAsync(new() { Response = answer });
        });

        await hers.SayAsync("還有杯子嗎？");
        await isAsked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await hers.SayAsync("還有盤子嗎？");
        await list.Locator("#room-list").GetByText("還有盤子嗎？").WaitForAsync();
        mayAnswer.SetResult();

        var row = list.Locator("#chats .list-link");
        await Assertions.Expect(row).ToContainTextAsync("還有盤子嗎？");
        await Assertions.Expect(row.Locator(".badge")).ToHaveTextAsync("2");
    }

    [Fact]
    public async Task A_page_that_is_not_looked_at_marks_nothing_as_read()
    {
        await using var stall = await OpenAsync();
        var (visitor, owner) = (stall.Visitor, stall.Owner);
        var hers = await visitor.EnterAsync("/chats/project/cups/");
        var room = await hers.Locator("#timeline").GetAttributeAsync("data-room") ?? "";
        var his = await owner.NewPageAsync();
        // As a page in a tab behind others is.
        await his.AddInitScriptAsync("Object.defineProperty(document, 'visibilityState', { get: () => window.isShown ? 'visible' : 'hidden' });");
        await his.GotoAsync($"/chats/project/cups/{room}/");
        await his.WaitForOnlineAsync();

        await hers.SayAsync("有人嗎？");
        await his.SeeAsync("有人嗎？");
        await his.SayAsync("我還在忙");
        await hers.SeeAsync("我還在忙");
        // The visitor has the answer: whatever had been said of reading before it would be here too.
        await Assertions.Expect(hers.Locator("#timeline [data-slot=receipt]").First).Not.ToHaveTextAsync("已讀");

        await his.EvaluateAsync("() => { window.isShown = true; document.dispatchEvent(new Event('visibilitychange')); }");
        await hers.Locator("#timeline [data-slot=receipt]").GetByText("已讀").WaitForAsync();
    }

    [Fact]
    public async Task Polling_alone_is_enough()
    {
        await using var stall = await OpenAsync();
        var (visitor, owner) = (stall.Visitor, stall.Owner);
        await visitor.Context.AddInitScriptAsync(NoSockets);
        await owner.Context.AddInitScriptAsync(NoSockets);
        var hers = await visitor.NewPageAsync();
        await hers.GotoAsync("/chats/project/cups/");
        await hers.Locator("#link-state[data-state=polling]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await hers.SayAsync("你好，杯子還有嗎？");
        await hers.SeeAsync("你好，杯子還有嗎？");

        var list = await owner.NewPageAsync();
        await list.GotoAsync("/chats/project/cups/list/");
        await list.Locator("#chats .list-link").ClickAsync();
        await list.Locator("#link-state[data-state=polling]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await list.SeeAsync("你好，杯子還有嗎？");
        await list.SayAsync("還有兩個");

        await hers.Message("還有兩個").WaitForAsync();
        await hers.Locator("#timeline [data-slot=receipt]").GetByText("已讀").WaitForAsync();
    }

    [Fact]
    public async Task A_block_shows_at_once_on_both_sides()
    {
        await using var stall = await OpenAsync();
        var (visitor, owner) = (stall.Visitor, stall.Owner);
        var hers = await visitor.EnterAsync("/chats/project/cups/");
        await hers.SayAsync("買！買！買！");
        var room = await hers.Locator("#timeline").GetAttributeAsync("data-room") ?? "";
        var his = await owner.EnterAsync($"/chats/project/cups/{room}/");
        await his.SeeAsync("買！買！買！");

        await his.Locator("[aria-controls=side]").ClickAsync();
        await his.Locator("#side").GetByText("封鎖這位訪客").ClickAsync();
        await his.Locator("#side").GetByText("確定封鎖").ClickAsync();

        await his.GetByText("你已封鎖這位訪客，解除封鎖後才能繼續對話。").WaitForAsync();
        await hers.GetByText("你已不能進入這個聊天室。").First.WaitForAsync();
        await hers.GotoAsync("/projects/cups/");
        await hers.GetByText("提案者已結束與你的對話。").WaitForAsync();

        await his.Locator("#side").GetByText("解除封鎖").ClickAsync();
        await his.Locator("#composer").WaitForAsync();
        await hers.GotoAsync("/chats/project/cups/");
        await hers.SeeAsync("買！買！買！");
    }

    /// <summary>A project, its owner, and somebody who comes by.</summary>
    private async Task<Stall> OpenAsync()
    {
        var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("owner");
        await client.CreateProjectAsync("手工茶杯", slug: "cups");
        return new Stall(server, await chromium.SignInAsync(server, "visitor"), await chromium.SignInAsync(server, "owner"));
    }

    private sealed record Stall(TestServer Server, Profile Visitor, Profile Owner) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Visitor.DisposeAsync();
            await Owner.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
