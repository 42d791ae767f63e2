using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Accounts;
using Teahouse.Jobs;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

[Trait("Speed", "Medium")]
public sealed class DeleteOwnAccountTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, Trait("Database", "Both")]
    [InlineData("anonymise", "hello")]
    [InlineData("remove", "")]
    public async Task An_account_goes_at_once_and_what_it_said_as_was_chosen(string messages, string left)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("root", isAdmin: true);
        using var root = await server.CreateBotAsync("root");
        (await root.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        using var bot = await server.CreateBotAsync("alice");
        (await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "hello" }, Ct)).EnsureSuccessStatusCode();
        using var alice = await server.SignInAsync("alice");

        using var answer = await DeleteAsync(alice, messages, "now");

        Assert.Equal("/login/", answer.Headers.Location?.OriginalString);
        Assert.Contains("帳號已刪除", await alice.GetStringAsync(new Uri("/login/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.Null(await FindAsync(server));
        var said = (await root.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms/den/messages", UriKind.Relative), Ct))!["messages"]!.AsArray().Last(message => (string?)message!["kind"] == "text")!;
        Assert.Equal(left, (string?)said["message"]);
        Assert.NotEqual("alice", (string?)said["user"]);
    }

    [Fact, Trait("Database", "Both")]
    public async Task Signing_in_within_fourteen_days_calls_it_off()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(clock: clock);
        await server.AddUserAsync("root", isAdmin: true);
        using var alice = await server.SignInAsync("alice");
        using var bot = await server.CreateBotAsync("alice");
        await DeleteAsync(alice, "anonymise", "later");
        Assert.Contains("帳號會在 14 天後刪除", await alice.GetStringAsync(new Uri("/login/", UriKind.Relative), Ct), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Redirect, (await alice.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bot.GetAsync(new Uri("/api/v1/me", UriKind.Relative), Ct)).StatusCode);
        using var script = server.CreateBasic("alice", TestAccounts.Password);
        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync(new Uri("/api/v1/me", UriKind.Relative), Ct)).StatusCode);
        clock.Offset = TimeSpan.FromDays(13);
        await RunAsync(server);
        Assert.NotNull(await FindAsync(server));
        using var again = server.CreateClient();
        using var signedIn = await again.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password));
        Assert.Equal("/settings/", signedIn.Headers.Location?.OriginalString);
        Assert.Contains("已取消刪除帳號", await again.GetStringAsync(new Uri("/settings/", UriKind.Relative), Ct), StringComparison.Ordinal);
        clock.Offset = TimeSpan.FromDays(15);
        await RunAsync(server);

        Assert.NotNull(await FindAsync(server));
    }

    [Fact]
    public async Task After_fourteen_days_the_account_goes()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(clock: clock);
        await server.AddUserAsync("root", isAdmin: true);
        using var alice = await server.SignInAsync("alice");
        await DeleteAsync(alice, "remove", "later");

        clock.Offset = TimeSpan.FromDays(14) + TimeSpan.FromMinutes(1);
        await RunAsync(server);

        Assert.Null(await FindAsync(server));
    }

    [Theory]
    [InlineData("later")]
    [InlineData("now")]
    public async Task The_only_administrator_stays(string when)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice", isAdmin: true);

        using var answer = await DeleteAsync(alice, "anonymise", when);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
    }

    [Theory]
    [InlineData("wrong", "anonymise", "now")]
    [InlineData("", "anonymise", "now")]
    [InlineData(TestAccounts.Password, "sell", "now")]
    [InlineData(TestAccounts.Password, "anonymise", "never")]
    public async Task Without_the_password_and_a_choice_nothing_happens(string password, string messages, string when)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("root", isAdmin: true);
        using var alice = await server.SignInAsync("alice");

        using var answer = await DeleteAsync(alice, messages, when, password);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
    }

    private static Task<HttpResponseMessage> DeleteAsync(HttpClient client, string messages, string when, string password = TestAccounts.Password) =>
        client.PostFormAsync("/settings/", ("act", "delete_account"), ("messages", messages), ("when", when), ("delete_password", password));

    private static Task RunAsync(TestServer server) => server.App.Services.GetServices<IScheduledWork>().Single(work => work.Name == "due-deletions").RunAsync(Ct);

    private static Task<User?> FindAsync(TestServer server) => server.Get<AccountQueries>().FindByKeyAsync("alice", Ct);
}
