namespace Teahouse.Accounts;

/// <param name="Name">What its owner calls it.</param>
/// <param name="Scope"><c>read</c>, <c>write</c> or <c>admin</c>.</param>
/// <param name="BotName">The name its messages go by; blank for the owner's.</param>
/// <param name="ExpiresAt">Null for never.</param>
public sealed record MakeTokenInput(string? Name, string? Scope, string? BotName, DateTimeOffset? ExpiresAt);

/// <summary>Makes an API token for an account. Thread-safe.</summary>
internal sealed class MakeToken(TokenStore store, NameBook names, TimeProvider clock)
{
    /// <summary>Longest name, in Unicode code points.</summary>
    public const int MaxName = 100;

    /// <summary>Makes one for the caller themselves. A token makes none that may more than itself.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>, <see cref="Refusal.ScopeTooSmall"/>, and those of the other method.</exception>
    public Task<NewToken> ExecuteAsync(Caller caller, MakeTokenInput input, CancellationToken ct)
    {
        if (caller.UserId is not { } userId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        caller.Require(TokenScope.Admin);
        return ExecuteAsync(userId, caller.Username, input, caller, ct);
    }

    /// <summary>Makes one for any account; the shell's way.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadTokenName"/>, <see cref="Refusal.BadChoice"/>, <see cref="Refusal.BadNickname"/>, <see cref="Refusal.NicknameTaken"/>,
    /// <see cref="Refusal.BadExpiry"/>, <see cref="Refusal.TooMany"/>.</exception>
    public async Task<NewToken> ExecuteAsync(long userId, string username, MakeTokenInput input, Caller actor, CancellationToken ct)
    {
        var name = VisibleText.Line(input.Name, MaxName) is { Length: > 0 } line ? line : throw new RefusedException(Refusal.BadTokenName, MaxName) { Field = "name" };
        var scope = TokenScopeText.Parse(input.Scope) ?? throw new RefusedException(Refusal.BadChoice) { Field = "scope" };
        if (input.ExpiresAt <= clock.GetUtcNow())
        {
            throw new RefusedException(Refusal.BadExpiry) { Field = "expires_at" };
        }
        return await store.CreateAsync(userId, new TokenRow
        {
            Id = 0,
            Name = name,
            Scope = scope,
            BotName = await ParseBotNameAsync(username, input.BotName, ct),
            CreatedAt = default,
            ExpiresAt = input.ExpiresAt,
        }, actor, ct);
    }

    // The rule for display names: nobody's program shows up under somebody else's name.
    private async Task<string?> ParseBotNameAsync(string username, string? text, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }
        var name = Nicknames.Parse(text) ?? throw new RefusedException(Refusal.BadNickname) { Field = "bot_name" };
        return NameSkeleton.Of(name) != NameSkeleton.Of(username) && await names.IsTakenAsync(name, ct)
            ? throw new RefusedException(Refusal.NicknameTaken) { Field = "bot_name" }
            : name;
    }
}
