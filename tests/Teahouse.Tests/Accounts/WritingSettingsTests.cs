using System.Net;
using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class WritingSettingsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("Database", "Both")]
    public async Task What_Enter_does_is_each_writers_own_choice()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("den", "members");
        var room = new Uri("/room/den/", UriKind.Relative);

        using var changed = await alice.PostFormAsync("/settings/", ("act", "writing"), ("enter", "break"));

        Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);
        Assert.Contains("data-enter=\"break\"", await alice.GetStringAsync(room, Ct), StringComparison.Ordinal);
        Assert.Contains("Enter 換行", await alice.GetStringAsync(room, Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("data-enter=\"break\"", await bob.GetStringAsync(room, Ct), StringComparison.Ordinal);
        using var wrong = await alice.PostFormAsync("/settings/", ("act", "writing"), ("enter", "explode"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_tells_its_owner_roughly_from_where()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.77");
        await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password));

        var page = await client.GetStringAsync(new Uri("/settings/", UriKind.Relative), Ct);

        Assert.Contains("203.0.*.*", page, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("203.0.113.77", "203.0.*.*")]
    [InlineData("::ffff:203.0.113.77", "203.0.*.*")]
    [InlineData("2001:db8:1234:5678::1", "2001:db8:1234::/48")]
    public void A_network_is_half_an_address(string address, string name) => Assert.Equal(name, NetworkName.Of(IPAddress.Parse(address)));
}
