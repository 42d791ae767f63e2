using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Teahouse.Accounts;

/// <summary>Credentials that were given on purpose and are refused, or that cannot be looked up now: the request must not go on as if it had none.</summary>
internal sealed record RefusedCredentials(Refusal Refusal);

/// <summary>Sign-in by <c>Authorization: Bearer</c> and an API token.</summary>
internal sealed class TokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TokenQueries queries, TokenStore store)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";
    private const int MaxLength = 200;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Credentials.Of(Request, SchemeName);
        var token = text is { Length: > 0 and <= MaxLength } ? await queries.FindOwnerAsync(text, Context.RequestAborted) : null;
        if (token is null)
        {
            Context.Features.Set(new RefusedCredentials(Refusal.BadToken));
            return AuthenticateResult.Fail("The token is not good.");
        }
        await store.NoteUseAsync(token);
        var caller = token.ToCaller();
        Context.Features.Set(new Identified(caller, token.Language));
        return AuthenticateResult.Success(new AuthenticationTicket(SessionHandler.Principal(token.UserId, token.Username, caller.IsAdmin), Scheme.Name));
    }
}

/// <summary>The <c>Authorization</c> header.</summary>
internal static class Credentials
{
    /// <summary>What follows the scheme's name; null when the header is of another scheme, or missing, or there twice.</summary>
    public static string? Of(HttpRequest request, string scheme)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.Split(' ', 2) is [var name, ..] && name.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? value[scheme.Length..].Trim()
            : null;
    }
}
