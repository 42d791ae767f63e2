using System.Net;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed class SignupPageTests
{
    private const string Good = "correct horse battery staple";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("alice")]
    [InlineData("a")]
    [InlineData("王小明")]
    [InlineData("山田taro_3")]
    [InlineData("alice.b+c@example-1")]
    public async Task Who_signs_up_is_signed_in_and_led_to_next(string name)
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();

        var response = await SignUpAsync(client, name, Good, Good, ("next", "/settings/"));

        Assert.Equal("/settings/", response.Headers.Location?.OriginalString);
        Assert.Contains(name, WebUtility.HtmlDecode(await client.GetStringAsync(response.Headers.Location, Ct)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", Good, Good, "username")]
    [InlineData("two words", Good, Good, "username")]
    [InlineData("<script>", Good, Good, "username")]
    [InlineData("zero\u200Bwidth", Good, Good, "username")]
    [InlineData("admin\u202E", Good, Good, "username")]
    [InlineData("\u3164\u3164", Good, Good, "username")]
    [InlineData("p\u0430ypal", Good, Good, "username")]
    [InlineData("Bob", Good, Good, "username")]
    [InlineData("ｂｏｂ", Good, Good, "username")]
    [InlineData("b0b", Good, Good, "username")]
    [InlineData("system", Good, Good, "username")]
    [InlineData("alice", "", "", "password1")]
    [InlineData("alice", "1234567", "1234567", "password1")]
    [InlineData("alice", "Password123", "Password123", "password1")]
    [InlineData("alice", "ecila-alice", "ecila-alice", "password1")]
    [InlineData("alice", "Teahouse1", "Teahouse1", "password1")]
    [InlineData("alice", Good, "correct horse battery", "password2")]
    public async Task What_the_rules_refuse_is_said_beside_its_field_and_the_name_is_kept(string name, string first, string second, string field)
    {
        await using var server = await StartAsync();
        using var client = server.CreateClient();

        var response = await SignUpAsync(client, name, first, second);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync(Ct);
        Assert.Contains($"id=\"f-{field}-error\"", page, StringComparison.Ordinal);
        Assert.Contains($"value=\"{name}\"", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.DoesNotContain(Good, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_name_and_a_wrong_password_are_both_said_at_once()
    {
        await using var server = await StartAsync();

        var page = await (await SignUpAsync(server.CreateClient(), "two words", "password1", "password1")).Content.ReadAsStringAsync(Ct);

        Assert.Contains("id=\"f-username-error\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"f-password1-error\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_passwords_may_be_as_long_as_promised_and_no_longer()
    {
        await using var server = await StartAsync();
        var name = new string('n', 150);
        var password = string.Concat(Enumerable.Repeat("長い合言葉 🍵 ", 32))[..256];

        Assert.Equal(HttpStatusCode.BadRequest, (await SignUpAsync(server.CreateClient(), name + "n", Good, Good)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await SignUpAsync(server.CreateClient(), "carol", password + new string('x', 60), password + new string('x', 60))).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await SignUpAsync(server.CreateClient(), name, password, password)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await server.CreateClient().PostFormAsync("/login/", ("username", name), ("password", password))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.CreateClient().PostFormAsync("/login/", ("username", name), ("password", password[..^1]))).StatusCode);
    }

    [Fact]
    public async Task Of_many_who_ask_for_one_name_at_once_one_gets_it()
    {
        await using var server = await StartAsync();

        var answers = await Task.WhenAll("carol CAROL car0l caroI".Split(' ').Select(name => SignUpAsync(server.CreateClient(), name, Good, Good)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Closed_means_closed_for_invites_too()
    {
        await using var server = await StartAsync(("SIGNUP", "closed"));
        var token = await server.Get<InviteStore>().CreateAsync(Caller.System, Ct);
        using var client = server.CreateClient();

        foreach (var path in new[] { "/signup/", "/signup/?invite=" + token })
        {
            var page = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
            Assert.DoesNotContain("password1", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.Forbidden, (await SignUpAsync(client, "alice", Good, Good, ("invite", token))).StatusCode);
        Assert.DoesNotContain("/signup/", await client.GetStringAsync(new Uri("/login/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invite_lets_one_person_in_once()
    {
        await using var server = await StartAsync(("SIGNUP", "invite"));
        var token = await server.Get<InviteStore>().CreateAsync(Caller.System, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, (await SignUpAsync(server.CreateClient(), "alice", Good, Good)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SignUpAsync(server.CreateClient(), "alice", Good, Good, ("invite", "guess"))).StatusCode);
        var both = await Task.WhenAll(SignUpAsync(server.CreateClient(), "alice", Good, Good, ("invite", token)), SignUpAsync(server.CreateClient(), "carol", Good, Good, ("invite", token)));

        Assert.Single(both, answer => answer.StatusCode == HttpStatusCode.Redirect);
        Assert.Equal(HttpStatusCode.Forbidden, (await SignUpAsync(server.CreateClient(), "dave", Good, Good, ("invite", token))).StatusCode);
        Assert.Equal(2, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users"), Ct));
    }

    [Fact]
    public async Task An_invite_ends_after_seven_days()
    {
        await using var server = await StartAsync(("SIGNUP", "invite"));
        var token = await server.Get<InviteStore>().CreateAsync(Caller.System, Ct);
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE invites SET expires_at = expires_at - @days", new { days = (long)TimeSpan.FromDays(7).TotalMilliseconds }), Ct);

        var page = await server.CreateClient().GetAsync(new Uri("/signup/?invite=" + token, UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
    }

    [Fact]
    public async Task An_address_makes_so_many_accounts_an_hour_and_no_more()
    {
        await using var server = await StartAsync(("LIMIT_SIGNUPS_PER_HOUR", "2"));

        Assert.Equal(HttpStatusCode.Redirect, (await SignUpAsync(server.CreateClient(), "carol", Good, Good)).StatusCode);
        // What came to nothing counts for little.
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await SignUpAsync(server.CreateClient(), "bob", Good, Good)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.Redirect, (await SignUpAsync(server.CreateClient(), "dave", Good, Good)).StatusCode);
        var refused = await SignUpAsync(server.CreateClient(), "erin", Good, Good);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter?.Delta?.TotalMinutes ?? 0, 30, 60);
        var page = await refused.Content.ReadAsStringAsync(Ct);
        Assert.Contains("分鐘後再試", page, StringComparison.Ordinal);
        Assert.Contains("value=\"erin\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_that_come_to_nothing_are_not_without_end()
    {
        await using var server = await StartAsync(("LIMIT_SIGNUPS_PER_HOUR", "1"));
        HashSet<HttpStatusCode> statuses = [];
        for (var i = 0; i < 11; i++)
        {
            statuses.Add((await SignUpAsync(server.CreateClient(), "bob", Good, Good)).StatusCode);
        }

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests], statuses);
    }

    private static async Task<TestServer> StartAsync(params (string, string)[] settings)
    {
        var server = await TestServer.StartAsync(settings);
        await server.AddUserAsync("bob");
        return server;
    }

    // The token comes from the login page: a closed sign-up page must not be needed to try.
    private static async Task<HttpResponseMessage> SignUpAsync(HttpClient client, string name, string first, string second, params (string Name, string Value)[] more)
    {
        var token = await client.GetTokenAsync("/login/");
        return await client.PostAsync(new Uri("/signup/", UriKind.Relative), new FormUrlEncodedContent(
            [new("username", name), new("password1", first), new("password2", second), new("csrfmiddlewaretoken", token), .. more.Select(field => KeyValuePair.Create(field.Name, field.Value))]), Ct);
    }
}
