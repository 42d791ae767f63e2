using Teahouse.Rooms;

namespace Teahouse.Sinks.Webhooks;

/// <param name="Url">Where to.</param>
/// <param name="Secret">What deliveries are signed with, in the form of Standard Webhooks; null for one made up here.</param>
/// <param name="Rooms">Names of the rooms whose messages are wanted.</param>
public sealed record RegisterWebhookInput(string? Url, string? Secret, IReadOnlyList<string?>? Rooms);

/// <summary>Registers an address that is to get the messages of rooms its owner may read. Thread-safe.</summary>
internal sealed class RegisterWebhook(WebhookStore store, WebhookAddresses addresses, RoomAccess access)
{
    public const int MaxUrl = 2000;
    public const int MaxRooms = 100;

    /// <summary>Returns the registration and the secret.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>, <see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.BadAddress"/>, <see cref="Refusal.PrivateAddress"/>, <see cref="Refusal.BadSecret"/>,
    /// <see cref="Refusal.BadFrame"/> for no or too many rooms, <see cref="Refusal.BadRoom"/>, <see cref="Refusal.NoSuchRoom"/>, <see cref="Refusal.TooMany"/>.</exception>
    public async Task<(WebhookRow Webhook, string Secret, IReadOnlyList<string> Rooms)> ExecuteAsync(Caller caller, RegisterWebhookInput input, CancellationToken ct)
    {
        var userId = caller.UserId ?? throw new RefusedException(Refusal.SignInFirst);
        caller.Require(TokenScope.Admin);
        var url = ParseUrl(input.Url);
        var secret = WebhookSecret.Parse(input.Secret);
        if (input.Rooms is not { Count: > 0 and <= MaxRooms } names)
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "rooms" };
        }
        Dictionary<long, string> rooms = [];
        foreach (var name in names)
        {
            var pass = await access.FindAsync(caller, name ?? "", ct);
            var room = pass.Room ?? throw new RefusedException(Refusal.NoSuchRoom) { Field = "rooms" };
            rooms[room.Id] = room.Name;
        }
        return (await store.CreateAsync(caller, userId, url, secret, rooms.Keys, ct), secret, [.. rooms.Values.Order(StringComparer.Ordinal)]);
    }

    private string ParseUrl(string? text) =>
        text is { Length: > 0 and <= MaxUrl } && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url is { UserInfo.Length: 0, Host.Length: > 0 }
            ? addresses.MayAllow(url) ? url.AbsoluteUri : throw new RefusedException(Refusal.PrivateAddress) { Field = "url" }
            : throw new RefusedException(Refusal.BadAddress, MaxUrl) { Field = "url" };
}
