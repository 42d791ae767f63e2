using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

/// <summary>Name and password with each call, as scripts of the systems before do it.</summary>
[Trait("Speed", "Medium")]
public sealed class BasicTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_right_pair_is_the_user_and_needs_no_page_token()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("王小明");
        using var script = server.CreateBasic("王小明", TestAccounts.Password);

        Assert.Equal("王小明", (string?)(await script.GetFromJsonAsync<JsonObject>("/api/v1/me", Ct))!["username"]);
        using var made = await script.PostAsJsonAsync("/api/v1/tokens", new { name = "x", scope = "read" }, Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
    }

    [Fact]
    public async Task Many_calls_cost_one_login()
    {
        var verified = 0;
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "2")], hashesFully: true, configure: services =>
        {
            services.AddScoped<ImportedPasswords>();
            services.AddScoped<IPasswordHasher<User>>(all => new CountingHasher(all.GetRequiredService<ImportedPasswords>(), () => Interlocked.Increment(ref verified)));
        });
        await server.AddUserAsync("alice");
        using var script = server.CreateBasic("alice", TestAccounts.Password);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
        {
            using var response = await script.GetAsync("/api/v1/me", Ct);
            return response.StatusCode;
        }));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        // One that asks just when the first is answered may have it checked again.
        Assert.InRange(verified, 1, 2);
        var before = verified;
        for (var i = 0; i < 20; i++)
        {
            using var response = await script.GetAsync("/api/v1/me", Ct);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        Assert.Equal(before, verified);
    }

    [Fact]
    public async Task Wrong_pairs_are_refused_and_counted_like_logins()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_LOGINS_PER_MINUTE", "3")]);
        await server.AddUserAsync("alice");
        List<HttpStatusCode> statuses = [];

        for (var i = 0; i < 5; i++)
        {
            using var script = server.CreateBasic("alice", $"guess {i}");
            using var response = await script.GetAsync("/api/v1/me", Ct);
            statuses.Add(response.StatusCode);
            // Never asked for: a browser would keep it and send it by itself.
            Assert.DoesNotContain(response.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Basic");
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task A_changed_password_ends_what_was_remembered()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var script = server.CreateBasic("alice", TestAccounts.Password);
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("/api/v1/me", Ct)).StatusCode);

        using (var scope = server.App.Services.CreateScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
            var user = (await users.FindByNameAsync("alice"))!;
            user.PasswordChange = new PasswordChange(null, "test");
            Assert.True((await users.ChangePasswordAsync(user, TestAccounts.Password, "quite another phrase")).Succeeded);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync("/api/v1/me", Ct)).StatusCode);
    }

    [Fact]
    public async Task Pages_and_sockets_know_no_such_header()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var script = server.CreateBasic("alice", TestAccounts.Password);

        using var page = await script.GetAsync("/settings/", Ct);

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic %%%")]
    [InlineData("Basic YWxpY2U=")]
    [InlineData("Basic OnB3")]
    [InlineData("Basic /////w==")]
    public async Task What_is_no_pair_is_refused(string header)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        using var response = await client.GetAsync("/api/v1/me", Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    /// <summary>Says when a password is checked, which is what takes long.</summary>
    private sealed class CountingHasher(IPasswordHasher<User> inner, Action verifies) : IPasswordHasher<User>
    {
        public string HashPassword(User user, string password) => inner.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            verifies();
            return inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
