using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teahouse.Client;

/// <summary>Who the server takes the caller for.</summary>
/// <param name="Username">User name, or a guest's nickname.</param>
/// <param name="DisplayName">As others see it.</param>
/// <param name="Guest">Without an account.</param>
/// <param name="Bot">Came by a token.</param>
/// <param name="Scope">How far the token reaches; null without one.</param>
public sealed record WhoAmI(string Username, string DisplayName, bool Guest, bool Bot, string? Scope);

/// <summary>A room and how the caller stands to it.</summary>
/// <param name="Name">Its address.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Topic">What it is about.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> or <c>private</c>.</param>
/// <param name="Kind"><c>room</c>, <c>project</c> or <c>direct</c>.</param>
/// <param name="Owner">User name; null when nobody owns it.</param>
/// <param name="Role">The caller's; null for who is no member.</param>
/// <param name="Archived">Takes no more messages.</param>
/// <param name="Rev">The revision it is at.</param>
/// <param name="LastSeq">The newest message's number.</param>
/// <param name="LastReadSeq">Up to which the caller has read; null for who is no member.</param>
/// <param name="Unread">Later messages by others; null for who is no member.</param>
public sealed record RoomInfo(string Name, string Title, string Topic, string Access, string Kind, string? Owner, string? Role, bool Archived, long Rev, long LastSeq, long? LastReadSeq,
    long? Unread);

/// <summary>A room to be made; what is null is left to the server.</summary>
public sealed record NewRoom(string Name, string? Title = null, string? Topic = null, string? Access = null);

/// <summary>What is to change about a room; null stays.</summary>
public sealed record RoomChange(string? Title = null, string? Topic = null, string? Access = null, bool? Archived = null);

/// <summary>A member of a room.</summary>
public sealed record RoomMember(string Username, string DisplayName, string Role, DateTimeOffset JoinedAt);

/// <summary>Which messages are asked for; at most one of the first three.</summary>
/// <param name="Before">Those before this number.</param>
/// <param name="After">Those after this number.</param>
/// <param name="SinceRev">Those that changed after this revision.</param>
/// <param name="Limit">1 to 200.</param>
public sealed record HistoryRange(long? Before = null, long? After = null, long? SinceRev = null, int Limit = 50)
{
    internal string ToQuery()
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"?limit={Limit}");
        foreach (var (name, value) in new[] { ("before", Before), ("after", After), ("since_rev", SinceRev) })
        {
            query += value is { } number ? string.Create(CultureInfo.InvariantCulture, $"&{name}={number}") : "";
        }
        return query;
    }
}

/// <summary>A page of a room's history.</summary>
/// <param name="Messages">Oldest first; for <see cref="HistoryRange.SinceRev"/>, lowest revision first.</param>
/// <param name="HasMore">There are more in the direction asked for.</param>
/// <param name="Rev">Where to go on with <see cref="HistoryRange.SinceRev"/>.</param>
/// <param name="Epoch">The name of this history.</param>
public sealed record HistoryPage(IReadOnlyList<ChatMessage> Messages, bool HasMore, long Rev, string Epoch);

internal sealed record RoomPage(RoomInfo[] Rooms, string? Next);

internal sealed record MemberPage(RoomMember[] Members, string? Next);

internal sealed record MemberChange(string? Role);

internal sealed record MessagePage(MessageFrame[] Messages, bool HasMore, long Rev, string Epoch);

internal sealed record NewMessage(string Message, string Nonce);

internal sealed record MessageEdit(string Message);

internal sealed record ReadUpTo(long Seq);

internal sealed record ProblemDetails(string? Code, string? Title);

[JsonSerializable(typeof(WhoAmI))]
[JsonSerializable(typeof(RoomInfo))]
[JsonSerializable(typeof(RoomPage))]
[JsonSerializable(typeof(NewRoom))]
[JsonSerializable(typeof(RoomChange))]
[JsonSerializable(typeof(RoomMember))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(MemberChange))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(MessageFrame))]
[JsonSerializable(typeof(NewMessage))]
[JsonSerializable(typeof(MessageEdit))]
[JsonSerializable(typeof(ReadUpTo))]
[JsonSerializable(typeof(UserPage))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(MadeToken))]
[JsonSerializable(typeof(HookList))]
[JsonSerializable(typeof(NewHook))]
[JsonSerializable(typeof(MadeHook))]
[JsonSerializable(typeof(WebhookList))]
[JsonSerializable(typeof(NewWebhook))]
[JsonSerializable(typeof(MadeWebhook))]
[JsonSerializable(typeof(DeliveryList))]
[JsonSerializable(typeof(NewSecret))]
[JsonSerializable(typeof(RotatedSecret))]
[JsonSerializable(typeof(ReplayOrder))]
[JsonSerializable(typeof(ProjectInfo))]
[JsonSerializable(typeof(ProjectPage))]
[JsonSerializable(typeof(NewProject))]
[JsonSerializable(typeof(ProjectChange))]
[JsonSerializable(typeof(ChatPage))]
[JsonSerializable(typeof(OwnChat))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    public static readonly ApiJson Wire = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
