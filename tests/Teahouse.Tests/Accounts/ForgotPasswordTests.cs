using System.Net;
using Teahouse.Accounts;
using Teahouse.Mail;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed class ForgotPasswordTests
{
    private const string NewPassword = "quite another phrase";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Database", "Both")]
    public async Task Who_forgot_gets_a_link_that_sets_a_password_once_and_ends_every_session()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        using var elsewhere = await server.SignInAsync("alice");
        await server.ForgetAsync("ALICE");
        var path = (await smtp.WaitForAsync("alice@example.org")).Path;
        using var client = server.CreateClient();

        using var short1 = await client.PostFormFromAsync(path, "/reset/", Fields(path, "short"));
        using var set = await client.PostFormFromAsync(path, "/reset/", Fields(path, NewPassword));
        using var again = await client.PostFormFromAsync("/login/", "/reset/", Fields(path, "yet another phrase"));

        Assert.Equal(HttpStatusCode.BadRequest, short1.StatusCode);
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri(path, UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await elsewhere.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password))).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await client.PostFormAsync("/login/", ("username", "alice"), ("password", NewPassword))).StatusCode);
    }

    [Fact]
    public async Task A_reset_ends_the_accounts_sockets()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddUserAsync("alice");
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "members");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/", cookies: await server.SignInCookiesAsync("alice"));
        var path = await server.Get<MakeResetLink>().ExecuteAsync(Administrator, id, Ct);
        using var client = server.CreateClient();

        await client.PostFormFromAsync(path, "/reset/", Fields(path, NewPassword));

        Assert.Equal(4501, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Two_at_once_with_one_link_are_one()
    {
        await using var server = await TestServer.StartAsync();
        var path = await server.Get<MakeResetLink>().ExecuteAsync(Administrator, await server.AddUserAsync("alice"), Ct);
        using var client = server.CreateClient();
        var token = await client.GetTokenAsync(path);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => client.PostAsync(new Uri("/reset/", UriKind.Relative),
            new FormUrlEncodedContent([.. Fields(path, $"{NewPassword} {i}").Select(field => KeyValuePair.Create(field.Name, field.Value)), new("csrfmiddlewaretoken", token)]), Ct)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_link_works_for_an_hour()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(clock: clock);
        var path = await server.Get<MakeResetLink>().ExecuteAsync(Administrator, await server.AddUserAsync("alice"), Ct);
        using var client = server.CreateClient();

        clock.Offset = TimeSpan.FromMinutes(59);
        using var early = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        clock.Offset = TimeSpan.FromMinutes(61);
        using var late = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (early.StatusCode, late.StatusCode));
    }

    [Fact]
    public async Task Only_administrators_make_links_for_others()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddUserAsync("alice");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => server.Get<MakeResetLink>().ExecuteAsync(Administrator with { IsAdmin = false }, id, Ct));

        Assert.Equal(Refusal.Forbidden, refused.Refusal);
    }

    [Fact]
    public async Task The_answer_is_the_same_whoever_is_asked_for()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        await server.AddUserAsync("without");
        using var client = server.CreateClient();
        List<string> pages = [];

        foreach (var typed in new[] { "alice", "alice@example.org", "without", "nobody", "nobody@example.org" })
        {
            using var answer = await client.PostFormAsync("/forgot/", ("username", typed));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            pages.Add(WithoutToken(await answer.Content.ReadAsStringAsync(Ct)));
        }

        Assert.Single(pages.Distinct());
        await smtp.WaitForAsync("alice@example.org", nth: 2);
        await Eventually.TrueAsync(async () => await server.Get<MailOutbox>().CountAsync(Ct) == 0);
        Assert.Equal(2, smtp.Mails.Count);
    }

    [Fact]
    public async Task Accounts_that_share_an_address_get_one_letter_with_a_link_for_each()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "home@example.org");
        await server.AddUserWithEmailAsync("bob", "home@example.org");

        await server.ForgetAsync("HOME@example.org");

        var mail = await smtp.WaitForAsync("home@example.org");
        Assert.Equal(2, mail.Text.Split("/reset/?token=").Length - 1);
        Assert.Contains("alice", mail.Text, StringComparison.Ordinal);
        Assert.Contains("bob", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_can_fill_anothers_mailbox()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync([.. smtp.Settings(), ("LIMIT_LOGINS_PER_MINUTE", "0")]);
        await server.AddUserWithEmailAsync("alice", "alice@example.org");

        for (var i = 0; i < 8; i++)
        {
            await server.ForgetAsync("alice");
        }

        await Eventually.TrueAsync(async () => await server.Get<MailOutbox>().CountAsync(Ct) == 0);
        Assert.Equal(5, smtp.Mails.Count);
    }

    [Fact]
    public async Task Tries_are_counted_as_those_to_sign_in()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync([.. smtp.Settings(), ("LIMIT_LOGINS_PER_MINUTE", "2")]);
        using var client = server.CreateClient();
        await server.ForgetAsync("alice");
        await server.ForgetAsync("alice");

        using var third = await client.PostFormAsync("/forgot/", ("username", "Alice"));

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.NotNull(third.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_link_leads_where_the_site_is_not_where_a_stranger_says()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync([.. smtp.Settings(), ("ALLOWED_HOSTS", "*"), ("PUBLIC_URL", "https://chat.example.org/")]);
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Host = "evil.example";

        await client.PostFormAsync("/forgot/", ("username", "alice"));

        var mail = await smtp.WaitForAsync("alice@example.org");
        Assert.Contains("https://chat.example.org/reset/?token=", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", mail.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_mail_the_page_says_whom_to_ask()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();

        var page = await client.GetStringAsync(new Uri("/forgot/", UriKind.Relative), Ct);

        Assert.Contains("管理員", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"username\"", page, StringComparison.Ordinal);
    }

    private static Caller Administrator => Caller.System with { Username = "root", IsAdmin = true };

    private static (string Name, string Value)[] Fields(string path, string password) =>
        [("token", path[(path.IndexOf('=', StringComparison.Ordinal) + 1)..]), ("new_password1", password), ("new_password2", password)];

    private static string WithoutToken(string page) => page.Replace(TestAccounts.ReadToken(page), "", StringComparison.Ordinal);
}
