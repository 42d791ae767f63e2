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
}
