using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed class SettingsPageTests
{
    private static readonly Uri Settings = new("/settings/", UriKind.Relative);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_chosen_language_goes_before_the_browsers()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");
        client.DefaultRequestHeaders.Add("Accept-Language", "zh-CN");
        Assert.Contains("<html lang=\"zh-Hans\">", await client.GetStringAsync(Settings, Ct), StringComparison.Ordinal);

        var stored = await client.PostFormAsync("/settings/", ("act", "profile"), ("language", "en"));

        Assert.Equal(HttpStatusCode.SeeOther, stored.StatusCode);
        var page = await client.GetStringAsync(Settings, Ct);
        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Contains("Your settings are saved.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_zones_are_called_in_the_readers_language_and_times_are_of_the_chosen_one()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        foreach (var (language, name) in new[] { ("en", "Taipei Standard Time"), ("zh-Hant", "台北標準時間"), ("zh-Hans", "台北标准时间") })
        {
            await client.PostFormAsync("/settings/", ("act", "profile"), ("language", language), ("time_zone", "America/New_York"));
            var page = WebUtility.HtmlDecode(await client.GetStringAsync(Settings, Ct));

            Assert.Contains($"(UTC+08:00) {name}", page, StringComparison.Ordinal);
            Assert.Contains("data-time-zone=\"America/New_York\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_wrong_has_the_focus_and_what_was_done_stands_in_its_section()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        var wrong = await client.PostFormAsync("/settings/", ("act", "password"), ("old_password", "x"), ("new_password1", "one"), ("new_password2", "two"));
        var saved = await client.PostFormAsync("/settings/", ("act", "writing"), ("enter", "break"));
        var page = await client.GetStringAsync(saved.Headers.Location, Ct);

        Assert.Matches("id=\"f-new_password2\"[^>]* autofocus", await wrong.Content.ReadAsStringAsync(Ct));
        Assert.Equal("/settings/#writing", saved.Headers.Location?.OriginalString);
        Assert.InRange(page.IndexOf("role=\"status\"", page.IndexOf("id=\"writing\"", StringComparison.Ordinal), StringComparison.Ordinal), 0, page.IndexOf("id=\"notifications\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zh-hans", "zh-Hans")]
    [InlineData("ZH-HANT", "zh-Hant")]
    [InlineData("EN", "en")]
    public async Task A_language_is_known_whatever_its_letters_case(string given, string shown)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        await client.PostFormAsync("/settings/", ("act", "profile"), ("language", given));

        Assert.Contains($"<html lang=\"{shown}\">", await client.GetStringAsync(Settings, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_shows_up_under_the_programs_own_name()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        var answer = await client.PostFormAsync("/settings/", ("act", "profile"), ("display_name", "系統"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("language", "tlh")]
    [InlineData("time_zone", "Asia/Atlantis")]
    [InlineData("time_zone", "../../etc/passwd")]
    public async Task What_is_not_offered_is_refused(string field, string value)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        var answer = await client.PostFormAsync("/settings/", ("act", "profile"), (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_led_to_login()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var answer = await client.GetAsync(Settings, Ct);

        Assert.Equal("/login/?next=%2Fsettings%2F", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_display_name_and_a_zone_are_kept_and_shown()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        await client.PostFormAsync("/settings/", ("act", "profile"), ("display_name", "  愛麗絲  Liddell "), ("time_zone", "Europe/Berlin"));

        var page = await client.GetStringAsync(Settings, Ct);
        Assert.Contains("value=\"愛麗絲 Liddell\"", page, StringComparison.Ordinal);
        Assert.Matches("value=\"Europe/Berlin\" selected", page);
        await client.PostFormAsync("/create/", ("name", "tea"), ("access", "members"));
        Assert.Contains("data-time-zone=\"Europe/Berlin\"", await client.GetStringAsync(new Uri("/room/tea/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("ВОВ")]
    [InlineData("b0b")]
    [InlineData("a\u202Eb")]
    public async Task A_display_name_like_another_users_name_or_unreadable_is_refused_and_kept_in_the_form(string name)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("Bob");
        using var client = await server.SignInAsync("alice");

        var answer = await client.PostFormAsync("/settings/", ("act", "profile"), ("display_name", name), ("language", "en"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Contains("id=\"f-display_name-error\"", page, StringComparison.Ordinal);
        Assert.Matches("value=\"en\" lang=\"en\" selected", page);
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sessions_and_their_sockets_but_not_this_one()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");
        var otherCookies = await server.SignInCookiesAsync("alice");
        using var other = server.CreateClient(otherCookies);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, otherCookies);
        await socket.ReceiveAsync();

        var answer = await client.PostFormAsync("/settings/", ("act", "password"), ("old_password", TestAccounts.Password),
            ("new_password1", "quite another phrase"), ("new_password2", "quite another phrase"));

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(4501, await socket.ReceiveCloseAsync());
        Assert.Equal(HttpStatusCode.Redirect, (await other.GetAsync(Settings, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Settings, Ct)).StatusCode);
        using var again = server.CreateClient();
        Assert.Equal(HttpStatusCode.BadRequest, (await again.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password))).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await again.PostFormAsync("/login/", ("username", "alice"), ("password", "quite another phrase"))).StatusCode);
    }

    [Theory]
    [InlineData("wrong password", "quite another phrase", "quite another phrase", "old_password")]
    [InlineData(TestAccounts.Password, "short", "short", "new_password1")]
    [InlineData(TestAccounts.Password, "alice-alice", "alice-alice", "new_password1")]
    [InlineData(TestAccounts.Password, "quite another phrase", "quite another phras", "new_password2")]
    [InlineData("", "quite another phrase", "quite another phrase", "old_password")]
    public async Task A_password_that_cannot_be_changed_says_why_beside_the_field(string old, string first, string second, string field)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");
        using var other = await server.SignInAsync("alice");

        var answer = await client.PostFormAsync("/settings/", ("act", "password"), ("old_password", old), ("new_password1", first), ("new_password2", second));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"id=\"f-{field}-error\"", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(Settings, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await server.CreateClient().PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password))).StatusCode);
    }

    [Fact]
    public async Task Another_device_is_signed_out_from_the_list_but_never_another_users()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");
        using var phone = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        var page = await client.GetStringAsync(Settings, Ct);
        var id = System.Text.RegularExpressions.Regex.Match(page, "name=\"session\" value=\"(\\d+)\"").Groups[1].Value;

        await bob.PostFormAsync("/settings/", ("act", "end_session"), ("session", id));
        Assert.Equal(HttpStatusCode.OK, (await phone.GetAsync(Settings, Ct)).StatusCode);
        await client.PostFormAsync("/settings/", ("act", "end_session"), ("session", id));

        Assert.Equal(HttpStatusCode.Redirect, (await phone.GetAsync(Settings, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Settings, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(Settings, Ct)).StatusCode);
    }
}
