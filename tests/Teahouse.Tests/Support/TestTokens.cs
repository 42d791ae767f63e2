using System.Net.Http.Headers;
using System.Text;
using Teahouse.Accounts;

namespace Teahouse.Tests.Support;

/// <summary>Programs with credentials of their own.</summary>
public static class TestTokens
{
    /// <summary>Makes a token for an account, which is made unless there is one.</summary>
    public static async Task<(long Id, string Text)> AddTokenAsync(this TestServer server, string user, string scope = "write", string? botName = null, DateTimeOffset? expiresAt = null)
    {
        var existing = await server.Get<AccountQueries>().FindByKeyAsync(NameSkeleton.Key(user), CancellationToken.None);
        var id = existing?.Id ?? await server.AddUserAsync(user);
        var made = await server.Get<MakeToken>().ExecuteAsync(id, user, new MakeTokenInput("test", scope, botName, expiresAt), Caller.Shell, CancellationToken.None);
        return (made.Row.Id, made.Text);
    }

    /// <summary>A program with a new token.</summary>
    public static async Task<HttpClient> CreateBotAsync(this TestServer server, string user, string scope = "write", string? botName = null) =>
        server.CreateBearer((await server.AddTokenAsync(user, scope, botName)).Text);

    public static HttpClient CreateBearer(this TestServer server, string token)
    {
        var client = server.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A script that sends name and password with each call.</summary>
    public static HttpClient CreateBasic(this TestServer server, string user, string password)
    {
        var client = server.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        return client;
    }
}
