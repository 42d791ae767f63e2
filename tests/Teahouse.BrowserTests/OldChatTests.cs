using System.Globalization;
using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>System A's own scripts, as its document prints them, on pages at its own addresses: they post, poll every five seconds and show what comes.</summary>
public sealed class OldChatTests(Chromium chromium)
{
    [Theory]
    [InlineData("a-room.html")]
    [InlineData("a-alpine.html")]
    public async Task The_old_page_talks_with_ours(string file)
    {
        await using var server = await TestServer.StartAsync();
        using var ownersClient = await server.SignInAsync("owner");
        using var visitorsClient = await server.SignInAsync("visitor");
        var slug = await ownersClient.CreateProjectAsync("手工茶杯", slug: "cups");
        var room = await visitorsClient.OpenChatAsync(slug);
        await using var visitor = await chromium.SignInAsync(server, "visitor");
        await using var owner = await chromium.SignInAsync(server, "owner");
        var ours = await owner.EnterAsync($"/chats/project/{slug}/{room}/");
        var old = await OpenAsync(visitor, slug, room, "visitor", file);

        await old.Locator("#messageInput").FillAsync("你好，杯子還有嗎？");
        await old.Locator("#messageInput").PressAsync("Enter");
        await ours.SeeAsync("你好，杯子還有嗎？");
        await ours.SayAsync("還有兩個");

        var lines = old.Locator("#messageContainer > div");
        await Assertions.Expect(lines).ToHaveCountAsync(2);
        await Assertions.Expect(lines.Nth(0).Locator("p").First).ToHaveTextAsync("你好，杯子還有嗎？");
        await Assertions.Expect(lines.Nth(0)).ToHaveClassAsync("mb-4 flex justify-end");
        await Assertions.Expect(lines.Nth(1).Locator("p").First).ToHaveTextAsync("還有兩個");
        await Assertions.Expect(lines.Nth(1)).ToHaveClassAsync("mb-4 flex ");
        // What the old page has fetched the visitor has read.
        await ours.Locator("#timeline [data-slot=receipt]").GetByText("已讀").WaitForAsync();

        // Only what is new is added from now on.
        await ours.SayAsync("要留給你嗎？");
        await Assertions.Expect(lines).ToHaveCountAsync(3);
        await Assertions.Expect(lines.Nth(2).Locator("p").First).ToHaveTextAsync("要留給你嗎？");
        Assert.Empty(visitor.Problems);
    }

    /// <summary>Puts the old page in the place of ours, for this browser alone: its form and its script then reach the server as they always have.</summary>
    private static async Task<IPage> OpenAsync(Profile profile, string slug, string room, string username, string file)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/settings/");
        var token = await page.Locator("meta[name=csrf-token]").GetAttributeAsync("content") ?? "";
        var html = (await ReadAsync(file))
            .Replace("{{ project.title }}", "手工茶杯", StringComparison.Ordinal)
            .Replace("{{ chat_room.slug }}", room, StringComparison.Ordinal)
            .Replace("{{ chat_messages.last.id|default:0 }}", "0", StringComparison.Ordinal)
            .Replace("{{ user.username }}", username, StringComparison.Ordinal)
            .Replace("{% csrf_token %}", $"""<input type="hidden" name="csrfmiddlewaretoken" value="{token}">""", StringComparison.Ordinal);
        await page.RouteAsync($"**/chats/project/{slug}/{room}/", async route =>
        {
            if (route.Request.Method == "POST")
            {
                // The way back that the form's answer names leads to this page again.
                var answer = await route.FetchAsync(new() { MaxRedirects = 0 });
                Assert.Equal(303, answer.Status);
                Assert.EndsWith($"/chats/project/{slug}/{room}/", answer.Headers["location"], StringComparison.Ordinal);
            }
            await route.FulfillAsync(new() { ContentType = "text/html; charset=utf-8", Body = html });
        });
        foreach (var (name, source) in new[] { ("app.js", "a-app.js"), ("alpine.js", "node_modules/@alpinejs/csp/dist/module.esm.js"), ("htmx.js", "node_modules/htmx.org/dist/htmx.esm.js") })
        {
            var script = source.Contains('/', StringComparison.Ordinal) ? Repository.Read(source) : await ReadAsync(source);
            await page.RouteAsync(string.Create(CultureInfo.InvariantCulture, $"**/old/{name}"), route => route.FulfillAsync(new() { ContentType = "text/javascript; charset=utf-8", Body = script }));
        }
        await page.GotoAsync($"/chats/project/{slug}/{room}/");
        return page;
    }

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "OldPages", file));
}
