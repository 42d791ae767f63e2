using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Teahouse.Accounts;

namespace Teahouse.Tests.Support;

/// <summary>Accounts and browsers for tests.</summary>
public static partial class TestAccounts
{
    /// <summary>What every account of the tests can sign in with.</summary>
    public const string Password = "correct horse battery staple";

    /// <summary>How many rounds the tests' servers hash passwords with, unless they are about that: hashing is slow on purpose, and was a third of what the tests of accounts cost.</summary>
    public const int Rounds = 1_000;

    private static readonly Lazy<string> Hash =
        new(() => new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = Rounds })).HashPassword(new User(), Password));

    /// <summary>Makes an account with <see cref="Password"/>.</summary>
    public static async Task<long> AddUserAsync(this TestServer server, string name, bool isAdmin = false)
    {
        using var scope = server.App.Services.CreateScope();
        var user = new User
        {
            Username = name,
            DisplayName = name,
            IsAdmin = isAdmin,
            PasswordHash = Hash.Value,
            Admission = new Admission.ByAdministrator("test"),
        };
        var result = await scope.ServiceProvider.GetRequiredService<UserManager<User>>().CreateAsync(user);
        return result.Succeeded ? user.Id : throw new InvalidOperationException(string.Join(", ", result.Errors.Select(error => error.Code)));
    }

    /// <summary>Deletes an account.</summary>
    public static async Task RemoveUserAsync(this TestServer server, long userId)
    {
        using var scope = server.App.Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = await users.FindByIdAsync(userId.ToString(System.Globalization.CultureInfo.InvariantCulture)) ?? throw new InvalidOperationException("No such account.");
        await users.DeleteAsync(user);
    }

    /// <summary>A browser signed in as this user, whose account is made unless there is one.</summary>
    public static async Task<HttpClient> SignInAsync(this TestServer server, string name, bool isAdmin = false) =>
        server.CreateClient(await server.SignInCookiesAsync(name, isAdmin));

    /// <summary>The cookies of such a browser, for sockets and other clients.</summary>
    public static async Task<CookieContainer> SignInCookiesAsync(this TestServer server, string name, bool isAdmin = false)
    {
        var existing = await server.Get<AccountQueries>().FindByKeyAsync(NameSkeleton.Key(name), CancellationToken.None);
        var id = existing?.Id ?? await server.AddUserAsync(name, isAdmin);
        var key = await server.Get<SessionStore>().BeginAsync(id, isPersistent: false, "test", CancellationToken.None);
        var cookies = new CookieContainer();
        cookies.Add(server.Address, new Cookie("teahouse_session", key));
        return cookies;
    }

    /// <summary>Sends a form as a browser does: with the request token of the page that shows it.</summary>
    /// <param name="client">Keeps cookies.</param>
    /// <param name="path">Where the form goes.</param>
    /// <param name="fields">Its fields but the token.</param>
    public static Task<HttpResponseMessage> PostFormAsync(this HttpClient client, string path, params (string Name, string Value)[] fields) =>
        client.PostFormFromAsync(path, path, fields);

    /// <summary>As <see cref="PostFormAsync"/>, for a form that stands on another page.</summary>
    public static async Task<HttpResponseMessage> PostFormFromAsync(this HttpClient client, string page, string path, params (string Name, string Value)[] fields)
    {
        var token = await client.GetTokenAsync(page);
        return await client.PostAsync(new Uri(path, UriKind.Relative),
            new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), new("csrfmiddlewaretoken", token)]));
    }

    /// <summary>Makes a room by its form.</summary>
    public static async Task CreateRoomAsync(this HttpClient client, string name, string access)
    {
        var response = await client.PostFormAsync("/create/", ("name", name), ("title", ""), ("topic", ""), ("access", access));
        if (response.StatusCode != HttpStatusCode.SeeOther)
        {
            throw new InvalidOperationException($"The room {name} could not be made: {response.StatusCode}");
        }
    }

    /// <summary>The request token in a page's head; redirects on the way are followed.</summary>
    public static async Task<string> GetTokenAsync(this HttpClient client, string path)
    {
        for (var hops = 0; hops < 5; hops++)
        {
            var page = await client.GetAsync(new Uri(path, UriKind.Relative));
            if (page.Headers.Location is { } location)
            {
                path = location.OriginalString;
                continue;
            }
            return ReadToken(await page.Content.ReadAsStringAsync());
        }
        throw new InvalidOperationException($"Too many redirects from {path}");
    }

    /// <summary>The request token in a page's head.</summary>
    public static string ReadToken(string html)
    {
        var match = RequestToken().Match(html);
        return match.Success ? WebUtility.HtmlDecode(match.Groups[1].Value) : throw new InvalidOperationException($"No request token in: {html}");
    }

    [GeneratedRegex("""<meta name="csrf-token" content="([^"]+)">""")]
    private static partial Regex RequestToken();
}
