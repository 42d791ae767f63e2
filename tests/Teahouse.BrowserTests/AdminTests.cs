using System.Net;
using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>What administrators do to accounts and messages, and what is left of it in the audit log.</summary>
public sealed class AdminTests(Chromium chromium)
{
    [Fact]
    public async Task Two_accounts_are_disabled_and_enabled_a_message_is_removed_and_the_log_names_each()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        await server.AddUserAsync("alice", isAdmin: true);
        using var carol = await server.SignInAsync("carol");
        using var dave = await server.SignInAsync("dave");
        using var bob = await server.SignInAsync("bob");
        await Journeys.CreateRoomAsync(server, "bob", "tea");
        (await bob.PostFormAsync("/room/tea/", ("content", "這句要移除"))).Dispose();
        (await bob.PostFormAsync("/room/tea/", ("content", "這句留著"))).Dispose();
        await using var alice = await chromium.SignInAsync(server, "alice");
        await using var reader = await chromium.SignInAsync(server, "bob");
        var room = await reader.EnterAsync("/room/tea/");
        var page = await alice.NewPageAsync();
        List<string> found = [];

        await page.GotoAsync("/admin/users/");
        await PickAsync(page, "carol", "dave");
        await PressAsync(page, "停用");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "要停用 2 個帳號嗎？" })).ToBeVisibleAsync();
        await PagesTests.InspectAsync(page, "admin-ask", found);
        // Nothing is done before the question is answered.
        Assert.Equal(HttpStatusCode.OK, await SettingsOfAsync(carol));
        await page.GetByRole(AriaRole.Link, new() { Name = "取消" }).ClickAsync();
        Assert.Equal(HttpStatusCode.OK, await SettingsOfAsync(dave));
        await PickAsync(page, "carol", "dave");
        await PressAsync(page, "停用");
        await PressAsync(page, "停用");
        await page.GetByText("已停用 2 個帳號。").WaitForAsync();
        Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.Redirect, HttpStatusCode.OK), (await SettingsOfAsync(carol), await SettingsOfAsync(dave), await SettingsOfAsync(bob)));
        await Assertions.Expect(Row(page, "carol")).ToContainTextAsync("已停用");
        await PickAsync(page, "carol", "dave");
        await PressAsync(page, "啟用");
        await PressAsync(page, "啟用");
        await page.GetByText("已啟用 2 個帳號。").WaitForAsync();
        await Assertions.Expect(Row(page, "dave")).Not.ToContainTextAsync("已停用");

        await page.GotoAsync("/admin/messages/");
        await page.GetByLabel("訊息裡的文字").FillAsync("要移除");
        await PressAsync(page, "搜尋");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.Locator("tbody input[name=ids]").CheckAsync();
        await PressAsync(page, "移除訊息");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "要移除 1 則訊息嗎？" })).ToBeVisibleAsync();
        await PressAsync(page, "移除訊息");
        await page.GetByText("已移除 1 則訊息。").WaitForAsync();
        // Gone where it is being read, and nothing else is.
        await Assertions.Expect(room.Message("這句要移除")).ToHaveCountAsync(0);
        await Assertions.Expect(room.Message("這句留著")).ToHaveCountAsync(1);

        await page.GotoAsync("/admin/audit/");
        foreach (var (act, target) in ((string, string)[])[("停用帳號", "carol"), ("停用帳號", "dave"), ("啟用帳號", "carol"), ("啟用帳號", "dave"), ("移除訊息", "tea")])
        {
            var entry = page.Locator("tbody tr").Filter(new() { HasText = act }).Filter(new() { HasText = target });
            await Assertions.Expect(entry).ToHaveCountAsync(1);
            await Assertions.Expect(entry).ToContainTextAsync("alice");
        }
        await PagesTests.InspectAsync(page, "admin-log", found);
        Assert.Empty(found);
        Assert.Empty(alice.Problems);
        Assert.Empty(reader.Problems);
    }

    private static ILocator Row(IPage page, string name) => page.Locator("tbody tr").Filter(new() { Has = page.GetByText(name, new() { Exact = true }) });

    private static async Task PickAsync(IPage page, params string[] names)
    {
        foreach (var name in names)
        {
            await Row(page, name).Locator("input[name=ids]").CheckAsync();
        }
    }

    private static Task PressAsync(IPage page, string button) => page.Locator("main").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static async Task<HttpStatusCode> SettingsOfAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/settings/", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
