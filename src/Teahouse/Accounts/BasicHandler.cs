using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Teahouse.Accounts;

/// <summary>Sign-in by name and password with each request (RFC 7617), as scripts of the systems before do it. Counted like a login, but a pair that was right a moment ago is
/// known again and costs neither a count nor the hash. Never asked for by <c>WWW-Authenticate</c>: a browser would keep the answer and send it by itself.</summary>
internal sealed class BasicHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccountQueries queries, PasswordPairs pairs)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Basic";
    private const int MaxLength = 2048;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Parse(Credentials.Of(Request, SchemeName)) is not var (name, password) || await FindAsync(name, password) is not { } user)
        {
            Context.Features.Set(new RefusedCredentials(Refusal.WrongPassword));
            return AuthenticateResult.Fail("Name and password do not belong together.");
        }
        Context.Features.Set(new Identified(new Caller
        {
            Kind = CallerKind.User,
            UserId = user.Id,
            Username = user.Username,
            DisplayName = user.DisplayName,
            AvatarColour = user.AvatarColour,
            IsAdmin = user.IsAdmin,
            IsByPassword = true,
            TimeZone = TimeZones.Find(user.TimeZone),
        }, user.Language));
        return AuthenticateResult.Success(new AuthenticationTicket(SessionHandler.Principal(user.Id, user.Username, user.IsAdmin), Scheme.Name));
    }

    private async Task<User?> FindAsync(string username, string password)
    {
        if (UsernameRule.Normalize(username.Trim()) is not { Length: > 0 } name)
        {
            return null;
        }
        var key = NameSkeleton.Key(name);
        var pair = pairs.Seal(key, password);
        // The row is read anew each time: a changed password or a disabled account ends what was remembered.
        var user = await queries.FindByKeyAsync(key, Context.RequestAborted);
        var right = user is { DisabledAt: null } && pairs.Knows(pair, user)
            ? user
            : await pairs.VerifyOnceAsync(pair, () =>
                Context.RequestServices.GetRequiredService<SignIn>().ExecuteAsync(name, password, Context.Connection.RemoteIpAddress));
        // A script that goes on by itself does not mean that its owner wants to stay.
        return right is { DeletesAt: null } ? right : null;
    }

    private static (string Name, string Password)? Parse(string? credentials)
    {
        if (credentials is not { Length: > 0 and <= MaxLength })
        {
            return null;
        }
        try
        {
            var text = Utf8.GetString(Convert.FromBase64String(credentials));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? (text[..colon], text[(colon + 1)..]) : null;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
