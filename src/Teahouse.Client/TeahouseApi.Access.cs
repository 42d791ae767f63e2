using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace Teahouse.Client;

/// <summary>Accounts, and what gives access: tokens and webhooks, for tokens of scope <c>admin</c>.</summary>
public sealed partial class TeahouseApi
{
    /// <summary>Accounts in order of their names, page by page.</summary>
    /// <param name="search">A part of the user name or display name; null for all.</param>
    /// <param name="ct">Ends it.</param>
    public async IAsyncEnumerable<UserInfo> ListUsersAsync(string? search = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await AskAsync(HttpMethod.Get, $"users?limit={PageSize}&q={Uri.EscapeDataString(search ?? "")}&after={Uri.EscapeDataString(after)}", null, ApiJson.Wire.UserPage, ct);
            foreach (var user in page.Users)
            {
                yield return user;
            }
            after = page.Next;
        }
    }

    /// <summary>The caller's own tokens, newest first.</summary>
    public async Task<IReadOnlyList<TokenInfo>> ListTokensAsync(CancellationToken ct = default) => (await AskAsync(HttpMethod.Get, "tokens", null, ApiJson.Wire.TokenList, ct)).Tokens;

    /// <summary>Makes a token, whose text is told this once.</summary>
    public Task<MadeToken> CreateTokenAsync(NewToken token, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Post, "tokens", JsonContent.Create(token, ApiJson.Wire.NewToken), ApiJson.Wire.MadeToken, ct);

    /// <summary>Ends a token, and every socket and stream opened with it.</summary>
    public Task RevokeTokenAsync(long id, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, $"tokens/{id}", null, ct);

    /// <summary>A room's incoming webhooks, newest first; for its owners and moderators.</summary>
    public async Task<IReadOnlyList<HookInfo>> ListHooksAsync(string room, CancellationToken ct = default) => (await AskAsync(HttpMethod.Get, $"{At(room)}/hooks", null, ApiJson.Wire.HookList, ct)).Hooks;

    /// <summary>Makes an incoming webhook, whose address is told this once.</summary>
    /// <param name="room">The room it speaks in.</param>
    /// <param name="name">What its messages go by.</param>
    /// <param name="ct">Gives it up.</param>
    public Task<MadeHook> CreateHookAsync(string room, string name, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Post, $"{At(room)}/hooks", JsonContent.Create(new NewHook(name), ApiJson.Wire.NewHook), ApiJson.Wire.MadeHook, ct);

    public Task RevokeHookAsync(string room, long id, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, $"{At(room)}/hooks/{id}", null, ct);

    /// <summary>The caller's outgoing webhooks, newest first.</summary>
    public async Task<IReadOnlyList<WebhookInfo>> ListWebhooksAsync(CancellationToken ct = default) => (await AskAsync(HttpMethod.Get, "webhooks", null, ApiJson.Wire.WebhookList, ct)).Webhooks;

    /// <summary>Registers an outgoing webhook, whose secret is told this once.</summary>
    public Task<MadeWebhook> CreateWebhookAsync(NewWebhook webhook, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Post, "webhooks", JsonContent.Create(webhook, ApiJson.Wire.NewWebhook), ApiJson.Wire.MadeWebhook, ct);

    public Task DeleteWebhookAsync(long id, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, $"webhooks/{id}", null, ct);

    /// <summary>The last 100 tries to deliver to a webhook, latest first.</summary>
    public async Task<IReadOnlyList<WebhookDelivery>> ListWebhookDeliveriesAsync(long id, CancellationToken ct = default) =>
        (await AskAsync(HttpMethod.Get, $"webhooks/{id}/deliveries", null, ApiJson.Wire.DeliveryList, ct)).Deliveries;

    /// <summary>Gives a webhook a new secret, told this once. For a day deliveries are signed with both.</summary>
    /// <param name="id">Which.</param>
    /// <param name="secret">Null for one the server makes up.</param>
    /// <param name="ct">Gives it up.</param>
    public Task<RotatedSecret> RotateWebhookSecretAsync(long id, string? secret = null, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Post, $"webhooks/{id}/rotate", JsonContent.Create(new NewSecret(secret), ApiJson.Wire.NewSecret), ApiJson.Wire.RotatedSecret, ct);

    /// <summary>Lets a webhook that ended or fails go on at once.</summary>
    public Task ResumeWebhookAsync(long id, CancellationToken ct = default) => DoAsync(HttpMethod.Post, $"webhooks/{id}/resume", null, ct);

    /// <summary>Has a test sent soon.</summary>
    public Task TestWebhookAsync(long id, CancellationToken ct = default) => DoAsync(HttpMethod.Post, $"webhooks/{id}/test", null, ct);

    /// <summary>Has the message of a delivery sent once more, soon.</summary>
    public Task ReplayWebhookDeliveryAsync(long id, long delivery, CancellationToken ct = default) =>
        DoAsync(HttpMethod.Post, $"webhooks/{id}/replay", JsonContent.Create(new ReplayOrder(delivery, null, null), ApiJson.Wire.ReplayOrder), ct);

    /// <summary>Has the messages with ids from <paramref name="first"/> to <paramref name="last"/> sent once more, in their order, soon.</summary>
    public Task ReplayWebhookAsync(long id, long first, long last, CancellationToken ct = default) =>
        DoAsync(HttpMethod.Post, $"webhooks/{id}/replay", JsonContent.Create(new ReplayOrder(null, first, last), ApiJson.Wire.ReplayOrder), ct);
}
