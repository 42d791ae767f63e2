using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>A token to be made.</summary>
/// <param name="Name">What its owner calls it, 1 to 100 characters.</param>
/// <param name="Scope"><c>read</c>, <c>write</c> or <c>admin</c>.</param>
/// <param name="BotName">The name its messages go by; left out for the owner's.</param>
/// <param name="ExpiresAt">When it ends by itself; left out for never.</param>
public sealed record TokenRequest([property: Required, MaxLength(MakeToken.MaxName)] string? Name, [property: Required, AllowedValues("read", "write", "admin")] string? Scope, string? BotName, DateTimeOffset? ExpiresAt);

/// <summary>What is kept of a token.</summary>
public record TokenAnswer(long Id, string Name, [property: AllowedValues("read", "write", "admin")] string Scope, string? BotName, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt);

/// <summary>A token just made, with its text: shown this once.</summary>
public sealed record NewTokenAnswer(string Token, long Id, string Name, string Scope, string? BotName, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt)
    : TokenAnswer(Id, Name, Scope, BotName, CreatedAt, LastUsedAt, ExpiresAt);

/// <summary>One's own tokens, newest first.</summary>
public sealed record TokenList(IReadOnlyList<TokenAnswer> Tokens);

/// <summary><c>/api/v1/tokens</c>: one's own API tokens.</summary>
internal static class TokensApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Tokens").ForUsers(TokenScope.Admin);
        tokens.MapGet("/", ListAsync).WithName("listTokens").WithSummary("List your tokens")
            .WithDescription("Newest first. The tokens themselves are not kept and cannot be shown again.").WithETag();
        tokens.MapPost("/", CreateAsync).WithName("createToken").WithSummary("Make a token")
            .WithDescription("`token` in the answer is shown this once. Messages sent with it are marked as a bot's, under `bot_name` if there is one.")
            .Refuses(Refusal.BadTokenName, Refusal.BadChoice, Refusal.BadNickname, Refusal.NicknameTaken, Refusal.BadExpiry, Refusal.TooMany);
        tokens.MapDelete("/{id:long}", RevokeAsync).WithName("revokeToken").WithSummary("Revoke a token")
            .WithDescription("It is refused from now on, and every socket and stream opened with it ends.").Refuses(Refusal.NoSuchToken);
    }

    private static async Task<Ok<TokenList>> ListAsync(HttpContext context, TokenQueries queries, CancellationToken ct) =>
        TypedResults.Ok(new TokenList([.. (await queries.ListAsync(context.GetUserId(), ct)).Select(row =>
            new TokenAnswer(row.Id, row.Name, row.Scope.ToText(), row.BotName, row.CreatedAt, row.LastUsedAt, row.ExpiresAt))]));

    private static async Task<Created<NewTokenAnswer>> CreateAsync(HttpContext context, TokenRequest body, MakeToken make, CancellationToken ct)
    {
        var (text, row) = await make.ExecuteAsync(context.GetCaller(), new MakeTokenInput(body.Name, body.Scope, body.BotName, body.ExpiresAt), ct);
        return TypedResults.Created((string?)null, new NewTokenAnswer(text, row.Id, row.Name, row.Scope.ToText(), row.BotName, row.CreatedAt, null, row.ExpiresAt));
    }

    private static async Task<NoContent> RevokeAsync(HttpContext context, long id, TokenStore store, CancellationToken ct) =>
        await store.RevokeAsync(context.GetUserId(), id, context.GetCaller(), ct) ? TypedResults.NoContent() : throw new RefusedException(Refusal.NoSuchToken);
}
