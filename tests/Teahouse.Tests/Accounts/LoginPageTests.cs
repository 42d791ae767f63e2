using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class LoginPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Right_name_and_password_lead_to_next()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var response = await client.PostFormAsync("/login/", ("username", "ALICE"), ("password", TestAccounts.Password), ("next", "/settings/"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/settings/", response.Headers.Location?.OriginalString);
        var logout = await client.GetAsync(new Uri("/logout/", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.OK, logout.StatusCode);
    }
}
