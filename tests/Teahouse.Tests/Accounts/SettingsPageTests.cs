using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class SettingsPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_chosen_language_goes_before_the_browsers()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("Accept-Language", "zh-CN");
        await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password));

        var stored = await client.PostFormAsync("/settings/", ("language", "en"));
        var page = await client.GetStringAsync(new Uri("/", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.SeeOther, stored.StatusCode);
        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_language_that_is_not_offered_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();
        await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password));

        var answer = await client.PostFormAsync("/settings/", ("language", "tlh"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_led_to_login()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var answer = await client.GetAsync(new Uri("/settings/", UriKind.Relative), Ct);

        Assert.Equal("/login/?next=%2Fsettings%2F", answer.Headers.Location?.OriginalString);
    }
}
