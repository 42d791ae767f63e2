using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed partial class SetupPageTests
{
    private const string Good = "correct horse battery staple";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_visitor_of_this_machine_becomes_administrator_and_only_the_first()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        foreach (var path in new[] { "/", "/login/", "/signup/" })
        {
            Assert.Equal("/setup/", (await client.GetAsync(new Uri(path, UriKind.Relative), Ct)).Headers.Location?.OriginalString);
        }

        var made = await client.PostFormAsync("/setup/", ("username", "alice"), ("password1", Good), ("password2", Good));

        Assert.Equal("/", made.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/admin/users/", UriKind.Relative), Ct)).StatusCode);
        using var second = server.CreateClient();
        Assert.Equal("/", (await second.GetAsync(new Uri("/setup/", UriKind.Relative), Ct)).Headers.Location?.OriginalString);
        await PostAsync(second, await second.GetTokenAsync("/login/"), "mallory");
        Assert.Equal(["alice"], await server.Get<Db>().ReadAsync(session => session.QueryAsync<string>("SELECT username FROM users"), Ct));
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once_and_the_first_of_it_has_the_focus()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();

        var answer = await client.PostFormAsync("/setup/", ("username", "a b"), ("password1", Good), ("password2", "another"));

        var page = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Contains("id=\"f-username-error\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"f-password2-error\"", page, StringComparison.Ordinal);
        Assert.Matches("id=\"f-username\"[^>]* autofocus", page);
        Assert.Single(Regex.Matches(page, " autofocus"));
    }

    [Fact]
    public async Task Of_two_at_once_one_becomes_administrator()
    {
        await using var server = await TestServer.StartAsync();
        var clients = Enumerable.Range(0, 4).Select(_ => server.CreateClient()).ToList();
        var tokens = await Task.WhenAll(clients.Select(client => client.GetTokenAsync("/setup/")));

        await Task.WhenAll(clients.Select((client, i) => PostAsync(client, tokens[i], $"admin{i}x")));

        Assert.Equal(1, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users"), Ct));
    }

    [Fact]
    public async Task Who_comes_from_elsewhere_must_know_the_code_in_the_log()
    {
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(data))
        {
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = program.Address };
            client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
            Assert.Contains("name=\"code\"", await client.GetStringAsync(new Uri("/setup/", UriKind.Relative), Ct), StringComparison.Ordinal);

            var without = await client.PostFormAsync("/setup/", ("username", "mallory"), ("password1", Good), ("password2", Good));
            var wrong = await client.PostFormAsync("/setup/", ("username", "mallory"), ("password1", Good), ("password2", Good), ("code", "AAAAAAAAAA"));
            var code = Code().Match(program.Output).Groups[1].Value;
            var right = await client.PostFormAsync("/setup/", ("username", "alice"), ("password1", Good), ("password2", Good), ("code", code));

            Assert.Contains("id=\"f-code-error\"", await without.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.Contains("id=\"f-code-error\"", await wrong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task The_code_is_asked_of_everybody_when_listening_beyond_this_machine()
    {
        await using var server = await TestServer.StartAsync([("URLS", "http://0.0.0.0:0")]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };

        Assert.Contains("name=\"code\"", await client.GetStringAsync(new Uri("/setup/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_code_cannot_be_tried_without_end()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "3")]);
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        var token = await client.GetTokenAsync("/setup/");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, token, "mallory")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(client, token, "mallory")).StatusCode);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string token, string name) =>
        client.PostAsync(new Uri("/setup/", UriKind.Relative),
            new FormUrlEncodedContent([new("username", name), new("password1", Good), new("password2", Good), new("csrfmiddlewaretoken", token)]), Ct);

    [GeneratedRegex("asks for this code: ([0-9A-Z]{10})")]
    private static partial Regex Code();
}
