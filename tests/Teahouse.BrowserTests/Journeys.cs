using Microsoft.Playwright;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>What journeys have in common.</summary>
internal static class Journeys
{
    /// <summary>A signed-in person's browser.</summary>
    public static async Task<Profile> SignInAsync(this Chromium chromium, TestServer server, string name, ProfileOptions? options = null)
    {
        var profile = await chromium.OpenAsync((options ?? new ProfileOptions()) with { BaseAddress = server.Address });
        var cookies = (await server.SignInCookiesAsync(name)).GetCookies(server.Address);
        await profile.Context.AddCookiesAsync(cookies.Select(cookie => new Cookie
        {
            Name = cookie.Name,
            Value = cookie.Value,
            Url = server.Address.ToString(),
            HttpOnly = true,
            SameSite = SameSiteAttribute.Lax,
        }));
        return profile;
    }

    public static Task<Profile> OpenAsync(this Chromium chromium, TestServer server, ProfileOptions? options = null) =>
        chromium.OpenAsync((options ?? new ProfileOptions()) with { BaseAddress = server.Address });

    /// <summary>Makes a room by its form.</summary>
    public static async Task CreateRoomAsync(TestServer server, string owner, string name, string access = "members", string title = "", string topic = "")
    {
        using var client = await server.SignInAsync(owner);
        using var response = await client.PostFormAsync("/create/", ("name", name), ("title", title), ("topic", topic), ("access", access));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, response.StatusCode);
    }

    /// <summary>Opens a room's page and waits until it is live.</summary>
    public static async Task<IPage> EnterAsync(this Profile profile, string path)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync(path);
        await page.WaitForOnlineAsync();
        return page;
    }

    public static Task WaitForOnlineAsync(this IPage page) => page.Locator("#link-state[data-state=online]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public static ILocator Message(this IPage page, string text) => page.Locator("#timeline > li").Filter(new() { Has = page.Locator("[data-slot=text]").GetByText(text, new() { Exact = true }) });

    public static async Task SayAsync(this IPage page, string text)
    {
        await page.Locator("#content").FillAsync(text);
        await page.Locator("#content").PressAsync("Enter");
    }

    public static Task SeeAsync(this IPage page, string text) => page.Message(text).WaitForAsync();
}
