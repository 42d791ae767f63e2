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
/// <param name="Id">Its id.</param>
/// <param name="Url">Where messages are sent.</param>
/// <param name="Rooms">Names of the rooms they are of.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="State"><c>running</c>, <c>failing</c>, <c>gone</c> or <c>given_up</c>.</param>
/// <param name="FailingSince">Since when it fails.</param>
public sealed record WebhookInfo(long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt, string State, DateTimeOffset? FailingSince);

/// <summary>One try to deliver a message to a webhook.</summary>
/// <param name="Id">By which it can be sent once more.</param>
/// <param name="Kind"><c>message</c>, <c>replay</c> or <c>test</c>.</param>
/// <param name="WebhookId">The header of that name: the same for every try of a message.</param>
/// <param name="MessageId">The message; null for a test.</param>
/// <param name="Room">Where it was said.</param>
/// <param name="Seq">Its number there.</param>
/// <param name="Attempt">1 for the first try.</param>
/// <param name="At">When.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
/// <param name="Delivered">The receiver answered 2xx.</param>
/// <param name="Status">What it answered; null for nothing.</param>
/// <param name="Error">Why there is no answer.</param>
/// <param name="Answer">The beginning of the answer.</param>
public sealed record WebhookDelivery(long Id, string Kind, string WebhookId, long? MessageId, string Room, long Seq, long Attempt, DateTimeOffset At, long TookMs, bool Delivered, int? Status, string? Error, string Answer);

/// <summary>A new secret of a webhook: told this once.</summary>
/// <param name="Secret">What deliveries are signed with from now on.</param>
/// <param name="PreviousUntil">Until then they are signed with the one before, too.</param>
public sealed record RotatedSecret(string Secret, DateTimeOffset PreviousUntil);

/// <summary>A webhook just registered, with its secret: told this once.</summary>
public sealed record MadeWebhook(string Secret, long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt);

internal sealed record UserPage(UserInfo[] Users, string? Next);

internal sealed record TokenList(TokenInfo[] Tokens);

internal sealed record NewHook(string Name);

internal sealed record HookList(HookInfo[] Hooks);

internal sealed record WebhookList(WebhookInfo[] Webhooks);

internal sealed record DeliveryList(WebhookDelivery[] Deliveries);

internal sealed record NewSecret(string? Secret);

internal sealed record ReplayOrder(long? Delivery, long? First, long? Last);
