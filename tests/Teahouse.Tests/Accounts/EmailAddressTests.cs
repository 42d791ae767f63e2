using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class EmailAddressTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("alice@example.org", "alice@example.org")]
    [InlineData("  Alice.B+chat@Mail.Example.org ", "Alice.B+chat@Mail.Example.org")]
    [InlineData("a@localhost", "a@localhost")]
    [InlineData("王@例子.台灣", null)]
    [InlineData("wang@例子.台灣", "wang@例子.台灣")]
    [InlineData("", null)]
    [InlineData("alice", null)]
    [InlineData("alice@", null)]
    [InlineData("@example.org", null)]
    [InlineData("Alice <alice@example.org>", null)]
    [InlineData("alice@example.org, bob@example.org", null)]
    [InlineData("alice@example.org\r\nBcc: bob@example.org", null)]
    [InlineData("alice@exa mple.org", null)]
    [InlineData("alice@example..org", null)]
    [InlineData("\"a b\"@example.org", null)]
    public void An_address_is_one_that_mail_servers_take(string typed, string? address) => Assert.Equal(address, EmailAddress.Parse(typed));

    [Fact]
    public void An_address_is_no_longer_than_SMTP_carries() => Assert.Null(EmailAddress.Parse("a@" + string.Concat(Enumerable.Repeat("abcdefgh.", 30)) + "org"));

    [Fact]
    [Trait("Database", "Both")]
    public async Task Accounts_are_found_by_their_address_in_any_case_also_when_several_share_it()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var (name, email) in new[] { ("alice", "Home@Example.org"), ("bob", "home@example.org"), ("carol", "carol@example.org") })
        {
            var id = await server.AddUserAsync(name);
            await server.Get<Teahouse.Storage.Db>().WriteAsync(session => UserStore.SetEmailAsync(session, id, email), Ct);
        }

        var found = await server.Get<AccountQueries>().ListByEmailAsync("HOME@example.org", Ct);

        Assert.Equal(["alice", "bob"], found.Select(user => user.Username));
        Assert.Equal("Home@Example.org", found[0].Email);
    }
}
