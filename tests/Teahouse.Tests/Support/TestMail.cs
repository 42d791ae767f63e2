using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Tests.Support;

/// <summary>Accounts with addresses, and who forgot their password.</summary>
public static class TestMail
{
    public static async Task<long> AddUserWithEmailAsync(this TestServer server, string name, string email)
    {
        var id = await server.AddUserAsync(name);
        await server.Get<Db>().WriteAsync(session => UserStore.SetEmailAsync(session, id, email), CancellationToken.None);
        return id;
    }

    /// <summary>Asks for a link at <c>/forgot/</c>.</summary>
    public static async Task ForgetAsync(this TestServer server, string typed)
    {
        using var client = server.CreateClient();
        using var answer = await client.PostFormAsync("/forgot/", ("username", typed));
        answer.EnsureSuccessStatusCode();
    }
}
