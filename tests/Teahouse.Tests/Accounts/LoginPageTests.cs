using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed partial class LoginPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Right_name_in_any_case_and_password_lead_to_next()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var response = await client.PostFormAsync("/login/", ("username", "ALICE"), ("password", TestAccounts.Password), ("next", "/settings/?x=1"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/settings/?x=1", response.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/settings", UriKind.Relative), Ct)).StatusCode);
    }

    /// <summary>From a bookmark or another site: a browser shows letters, a header carries bytes.</summary>
    [Theory]
    [InlineData("/room/茶館/", "/room/%E8%8C%B6%E9%A4%A8/")]
    [InlineData("/chat/茶/?username=小明 Lee", "/chat/%E8%8C%B6/?username=%E5%B0%8F%E6%98%8E%20Lee")]
    [InlineData("/room/%E8%8C%B6/", "/room/%E8%8C%B6/")]
    public async Task Next_may_be_written_as_people_read_it(string next, string target)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var response = await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password), ("next", next));
        var again = await client.GetAsync(new Uri("/login/?next=" + Uri.EscapeDataString(next), UriKind.Relative), Ct);

        Assert.Equal((target, target), (response.Headers.Location?.OriginalString, again.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/\t/evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil")]
    [InlineData("")]
    public async Task Next_never_leads_to_another_site(string next)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var response = await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password), ("next", next));
        var again = await client.GetAsync(new Uri("/login/?next=" + Uri.EscapeDataString(next), UriKind.Relative), Ct);

        Assert.Equal("/", response.Headers.Location?.OriginalString);
        Assert.Equal("/", again.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Wrong_name_and_wrong_password_get_the_same_answer_in_the_same_time()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "0")], hashesFully: true);
        await server.AddUserAsync("alice");
        await AddDisabledUserAsync(server, "mallory");
        // Hashed with as many rounds as every password set today.
        await TryAsync(server.CreateClient(), "alice", TestAccounts.Password);
        using var client = server.CreateClient();

        // In turns, and each one's quickest: whatever else the machine does then is no part of it.
        var (wrongPassword, passwordTime) = await FailAsync(client, "alice");
        var (wrongName, nameTime) = await FailAsync(client, "nobody");
        var (disabled, disabledTime) = await FailAsync(client, "mallory");
        for (var i = 0; i < 4; i++)
        {
            passwordTime = Math.Min(passwordTime, (await FailAsync(client, "alice")).Milliseconds);
            nameTime = Math.Min(nameTime, (await FailAsync(client, "nobody")).Milliseconds);
            disabledTime = Math.Min(disabledTime, (await FailAsync(client, "mallory")).Milliseconds);
        }

        Assert.Equal(wrongPassword, wrongName.Replace("nobody", "alice", StringComparison.Ordinal));
        Assert.Equal(wrongPassword, disabled.Replace("mallory", "alice", StringComparison.Ordinal));
        // Hashing is what takes long; without it a wrong name would be answered many times faster.
        Assert.InRange(nameTime / passwordTime, 0.4, 2.5);
        Assert.InRange(disabledTime / passwordTime, 0.4, 2.5);
    }

    [Fact]
    public async Task What_was_typed_is_kept_but_not_the_password()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        var response = await client.PostFormAsync("/login/", ("username", "al\"<i>ce"), ("password", "secret words here"), ("next", "/create/"), ("remember", "true"));
        var page = await response.Content.ReadAsStringAsync(Ct);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("使用者名稱或密碼不正確。", page, StringComparison.Ordinal);
        Assert.Contains("value=\"al&quot;&lt;i&gt;ce\"", page, StringComparison.Ordinal);
        Assert.Contains("name=\"next\" value=\"/create/\"", page, StringComparison.Ordinal);
        Assert.Matches("name=\"remember\"[^>]*checked", page);
        Assert.DoesNotContain("secret words here", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/login/")]
    [InlineData("/logout/")]
    [InlineData("/signup/")]
    [InlineData("/settings/")]
    public async Task A_form_without_its_token_is_forbidden(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");

        var missing = await client.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent([]), Ct);
        var wrong = await client.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent([new("csrfmiddlewaretoken", "wrong")]), Ct);

        Assert.Equal(HttpStatusCode.Forbidden, missing.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
    }

    [Fact]
    public async Task The_token_is_taken_from_the_header_too()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/logout/");
        request.Headers.Add("X-CSRFToken", await client.GetTokenAsync("/settings/"));

        var response = await client.SendAsync(request, Ct);

        Assert.Equal("/", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task An_account_takes_so_many_tries_a_minute_and_no_more()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "3")]);
        using var open = await server.SignInAsync("alice");
        using var client = server.CreateClient();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await TryAsync(client, "alice", "wrong password")).StatusCode);
        }

        var refused = await TryAsync(client, "Alice", TestAccounts.Password);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 60);
        Assert.Contains("秒後再試", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await open.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
    }

    [Fact]
    public async Task An_address_takes_twice_as_many_tries_whatever_the_names()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "2")]);
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await TryAsync(client, $"name{i}", "wrong password")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync(client, "alice", TestAccounts.Password)).StatusCode);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        Assert.Equal(HttpStatusCode.Redirect, (await TryAsync(client, "alice", TestAccounts.Password)).StatusCode);
    }

    [Fact]
    public async Task A_password_stored_with_fewer_rounds_is_hashed_anew_at_login()
    {
        await using var server = await TestServer.StartAsync(hashesFully: true);
        await server.AddUserAsync("alice");
        var before = await FindHashAsync(server, "alice");
        using var client = server.CreateClient();

        await TryAsync(client, "alice", TestAccounts.Password);

        var after = await FindHashAsync(server, "alice");
        Assert.Equal((uint)TestAccounts.Rounds, Rounds(before));
        Assert.True(Rounds(after) >= 210_000);
        Assert.Equal(HttpStatusCode.Redirect, (await TryAsync(server.CreateClient(), "alice", TestAccounts.Password)).StatusCode);
    }

    private static async Task<string> FindHashAsync(TestServer server, string name) =>
        (await server.Get<AccountQueries>().FindByKeyAsync(name, Ct))?.PasswordHash ?? "";

    // Identity's version 3: a marker byte, the hash function (2: SHA-512), the rounds, all big-endian.
    private static uint Rounds(string hash)
    {
        var bytes = Convert.FromBase64String(hash);
        Assert.Equal(1, bytes[0]);
        Assert.Equal(2u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1)));
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5));
    }

    private static async Task AddDisabledUserAsync(TestServer server, string name)
    {
        var id = await server.AddUserAsync(name);
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE users SET disabled_at = 1 WHERE id = @id", new { id }), Ct);
    }

    private static Task<HttpResponseMessage> TryAsync(HttpClient client, string name, string password) =>
        client.PostFormAsync("/login/", ("username", name), ("password", password));

    private static async Task<(string Page, double Milliseconds)> FailAsync(HttpClient client, string name)
    {
        var token = await client.GetTokenAsync("/login/");
        using var form = new FormUrlEncodedContent([new("username", name), new("password", "a wrong password"), new("csrfmiddlewaretoken", token)]);
        var begun = Stopwatch.GetTimestamp();
        using var response = await client.PostAsync(new Uri("/login/", UriKind.Relative), form, Ct);
        var time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return (Token().Replace(await response.Content.ReadAsStringAsync(Ct), ""), time);
    }

    [GeneratedRegex("""(content|value)="CfDJ8[^"]*"|name="csrfmiddlewaretoken"[^>]*""")]
    private static partial Regex Token();
}
