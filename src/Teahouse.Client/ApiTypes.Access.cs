namespace Teahouse.Client;

/// <summary>An account, as others see it.</summary>
public sealed record UserInfo(string Username, string DisplayName);

/// <summary>A token to be made.</summary>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Scope"><c>read</c>, <c>write</c> or <c>admin</c>.</param>
/// <param name="BotName">The name its messages go by; null for the owner's.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
public sealed record NewToken(string Name, string Scope, string? BotName = null, DateTimeOffset? ExpiresAt = null);

/// <summary>What is kept of a token.</summary>
public sealed record TokenInfo(long Id, string Name, string Scope, string? BotName, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt);

/// <summary>A token just made, with the token itself: told this once.</summary>
public sealed record MadeToken(string Token, long Id, string Name, string Scope, string? BotName, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>What is kept of an incoming webhook.</summary>
public sealed record HookInfo(long Id, string Name, string? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>An incoming webhook just made, with its address: told this once.</summary>
public sealed record MadeHook(string Url, long Id, string Name, string? CreatedBy, DateTimeOffset CreatedAt);

/// <summary>An outgoing webhook to be registered.</summary>
/// <param name="Url">Where messages are to be sent.</param>
/// <param name="Rooms">Whose messages: 1 to 100 rooms the caller may read.</param>
/// <param name="Secret">What deliveries are signed with; null for one the server makes up.</param>
public sealed record NewWebhook(string Url, IReadOnlyList<string> Rooms, string? Secret = null);

/// <summary>A registered webhook.</summary>
public sealed record WebhookInfo(long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt);

/// <summary>A webhook just registered, with its secret: told this once.</summary>
public sealed record MadeWebhook(string Secret, long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt);

internal sealed record UserPage(UserInfo[] Users, string? Next);

internal sealed record TokenList(TokenInfo[] Tokens);

internal sealed record NewHook(string Name);

internal sealed record HookList(HookInfo[] Hooks);

internal sealed record WebhookList(WebhookInfo[] Webhooks);
