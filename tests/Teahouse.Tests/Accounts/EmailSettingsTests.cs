using System.Net;
using Teahouse.Accounts;
using Teahouse.Mail;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed class EmailSettingsTests
{
    private static readonly Uri Settings = new("/settings/", UriKind.Relative);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Database", "Both")]
    public async Task A_new_address_counts_once_its_link_was_opened_and_the_old_one_is_told()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "old@example.org");
        using var alice = await server.SignInAsync("alice");

        using var asked = await ChangeAsync(alice, "new@example.org");
        var path = (await smtp.WaitForAsync("new@example.org")).Path;
        var before = await alice.GetStringAsync(Settings, Ct);
        using var anybody = server.CreateClient();
        using var opened = await anybody.GetAsync(new Uri(path, UriKind.Relative), Ct);
        var between = await alice.GetStringAsync(Settings, Ct);
        using var confirmed = await anybody.PostFormFromAsync(path, "/settings/email/", ("token", path[(path.IndexOf('=', StringComparison.Ordinal) + 1)..]));

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.OK, HttpStatusCode.OK), (asked.StatusCode, opened.StatusCode, confirmed.StatusCode));
        Assert.All([before, between], page => Assert.Contains("value=\"old@example.org\"", page, StringComparison.Ordinal));
        Assert.Contains("value=\"new@example.org\"", await alice.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
        Assert.Contains("alice", (await smtp.WaitForAsync("old@example.org")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync(new Uri(path, UriKind.Relative), Ct)).StatusCode);
    }

    [Fact]
    public async Task Links_in_the_old_mailbox_end_with_the_address()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "old@example.org");
        using var alice = await server.SignInAsync("alice");
        await server.ForgetAsync("alice");
        var path = (await smtp.WaitForAsync("old@example.org")).Path;

        await ChangeAsync(alice, "");

        Assert.Equal(HttpStatusCode.Forbidden, (await alice.GetAsync(new Uri(path, UriKind.Relative), Ct)).StatusCode);
        Assert.Equal("你在茶館的電子郵件地址更改了", (await smtp.WaitForAsync("old@example.org", nth: 2)).Subject);
    }

    [Theory]
    [InlineData("wrong password", "new@example.org")]
    [InlineData("", "new@example.org")]
    [InlineData(TestAccounts.Password, "no address")]
    [InlineData(TestAccounts.Password, "a@example.org\r\nBcc: b@example.org")]
    public async Task Without_the_password_or_an_address_nothing_changes(string password, string email)
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "old@example.org");
        using var alice = await server.SignInAsync("alice");

        using var answer = await ChangeAsync(alice, email, password);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("value=\"old@example.org\"", await alice.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
        Assert.Equal(0, await server.Get<MailOutbox>().CountAsync(Ct));
    }

    [Fact]
    public async Task Passwords_cannot_be_tried_faster_than_at_the_login()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "2")]);
        using var alice = await server.SignInAsync("alice");
        await ChangeAsync(alice, "a@example.org", "wrong");
        await ChangeAsync(alice, "a@example.org", "wrong");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await ChangeAsync(alice, "a@example.org")).StatusCode);
    }

    [Fact]
    public async Task Nobody_else_sees_an_address()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await ChangeAsync(alice, "hidden@example.org");
        await alice.CreateRoomAsync("plaza", "members");
        using var bob = await server.SignInAsync("bob");

        foreach (var path in new[] { "/", "/room/plaza/", "/settings/", "/api/v1/users?q=alice", "/api/v1/me", "/api/v1/rooms/plaza/members" })
        {
            Assert.DoesNotContain("hidden@", await (await bob.GetAsync(new Uri(path, UriKind.Relative), Ct)).Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
        Assert.Contains("hidden@example.org", await alice.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> ChangeAsync(HttpClient client, string email, string password = TestAccounts.Password) =>
        client.PostFormAsync("/settings/", ("act", "email"), ("email", email), ("email_password", password));
}
