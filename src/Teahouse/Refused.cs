namespace Teahouse;

/// <summary>An expected no. <see cref="Code"/> is the stable wire code, <see cref="Status"/> the HTTP status,
/// <see cref="Name"/> the key of its text in <c>RefusalText</c>.</summary>
public sealed record Refusal(string Name, string Code, int Status)
{
    public static readonly Refusal BadJson = new("BadJson", "bad_json", 400);
    public static readonly Refusal BadText = new("BadText", "bad_text", 400);
    public static readonly Refusal EmptyMessage = new("EmptyMessage", "empty_message", 400);
    public static readonly Refusal TooLong = new("TooLong", "too_long", 400);
    public static readonly Refusal BadRoom = new("BadRoom", "bad_room", 400);
    public static readonly Refusal BadFrame = new("BadFrame", "bad_frame", 400);
    public static readonly Refusal BadNickname = new("BadNickname", "bad_frame", 400);
    public static readonly Refusal NicknameTaken = new("NicknameTaken", "forbidden", 403);
    public static readonly Refusal NotSubscribed = new("NotSubscribed", "bad_room", 400);
    public static readonly Refusal Forbidden = new("Forbidden", "forbidden", 403);
    public static readonly Refusal Archived = new("Archived", "forbidden", 403);
    public static readonly Refusal ScopeTooSmall = new("ScopeTooSmall", "forbidden", 403);
    public static readonly Refusal Forged = new("Forged", "forbidden", 403);
    public static readonly Refusal BadToken = new("BadToken", "unauthorized", 401);
    public static readonly Refusal WrongPassword = new("WrongPassword", "unauthorized", 401);
    public static readonly Refusal BadTokenName = new("BadTokenName", "bad_name", 400);
    public static readonly Refusal BadExpiry = new("BadExpiry", "bad_expiry", 400);
    public static readonly Refusal NoSuchToken = new("NoSuchToken", "not_found", 404);
    public static readonly Refusal NoSuchHook = new("NoSuchHook", "not_found", 404);
    public static readonly Refusal BadAddress = new("BadAddress", "bad_url", 400);
    public static readonly Refusal PrivateAddress = new("PrivateAddress", "private_address", 400);
    public static readonly Refusal BadRange = new("BadRange", "bad_range", 400);
    public static readonly Refusal NoSuchDelivery = new("NoSuchDelivery", "not_found", 404);
    public static readonly Refusal BadSecret = new("BadSecret", "bad_secret", 400);
    public static readonly Refusal TooMany = new("TooMany", "too_many", 409);
    public static readonly Refusal SignInFirst = new("SignInFirst", "forbidden", 401);

    /// <summary>No such room, or not for this caller: alike, so that nobody learns which.</summary>
    public static readonly Refusal NoSuchRoom = new("NoSuchRoom", "forbidden", 404);
    public static readonly Refusal RoomGone = new("RoomGone", "bad_room", 404);
    public static readonly Refusal NoSuchMessage = new("NoSuchMessage", "not_found", 404);
    public static readonly Refusal NoSuchUser = new("NoSuchUser", "not_found", 404);
    public static readonly Refusal NotYourself = new("NotYourself", "not_yourself", 409);
    public static readonly Refusal LastAdministrator = new("LastAdministrator", "last_administrator", 409);
    public static readonly Refusal BadTitle = new("BadTitle", "bad_title", 400);
    public static readonly Refusal BadTopic = new("BadTopic", "bad_topic", 400);
    public static readonly Refusal BadChoice = new("BadChoice", "bad_choice", 400);
    public static readonly Refusal LastOwner = new("LastOwner", "last_owner", 409);
    public static readonly Refusal Banned = new("Banned", "banned", 409);
    public static readonly Refusal AlreadyMember = new("AlreadyMember", "already_member", 409);
    public static readonly Refusal TypedNameDiffers = new("TypedNameDiffers", "name_differs", 400);
    public static readonly Refusal NoSuchProject = new("NoSuchProject", "not_found", 404);
    public static readonly Refusal BadDescription = new("BadDescription", "bad_description", 400);
    public static readonly Refusal BadSlug = new("BadSlug", "bad_slug", 400);
    public static readonly Refusal SlugTaken = new("SlugTaken", "conflict", 409);
    public static readonly Refusal ChatClosed = new("ChatClosed", "forbidden", 403);
    public static readonly Refusal NotChatting = new("NotChatting", "forbidden", 403);
    public static readonly Refusal AlreadyOwner = new("AlreadyOwner", "already_owner", 409);
    public static readonly Refusal NotConfirmed = new("NotConfirmed", "not_confirmed", 400);
    public static readonly Refusal NoSuchSink = new("NoSuchSink", "not_found", 404);
    public static readonly Refusal BadSheet = new("BadSheet", "bad_sheet", 400);
    public static readonly Refusal BadKey = new("BadKey", "bad_key", 400);
    public static readonly Refusal KeyMissing = new("KeyMissing", "key_missing", 400);
    public static readonly Refusal KeyElsewhere = new("KeyElsewhere", "key_elsewhere", 400);
    public static readonly Refusal NoWorker = new("NoWorker", "no_worker", 400);
    public static readonly Refusal SheetTaken = new("SheetTaken", "conflict", 409);
    public static readonly Refusal SinkOfSettings = new("SinkOfSettings", "conflict", 409);
    public static readonly Refusal RateLimited = new("RateLimited", "rate_limited", 429);
    public static readonly Refusal TooManyStreams = new("TooManyStreams", "too_many_connections", 429);
    public static readonly Refusal Conflict = new("Conflict", "conflict", 409);
    public static readonly Refusal NameTaken = new("NameTaken", "conflict", 409);
    public static readonly Refusal Busy = new("Busy", "busy", 503);
}

/// <summary>Thrown by operations for an expected no; each door turns it into its own kind of answer once.</summary>
public sealed class RefusedException(Refusal refusal, params object[] arguments) : Exception(refusal.Code)
{
    public Refusal Refusal { get; } = refusal;

    /// <summary>Values for the placeholders of the refusal's text.</summary>
    public IReadOnlyList<object> Arguments { get; } = arguments;

    /// <summary>The field of the request that it is about; null for the whole.</summary>
    public string? Field { get; init; }

    /// <summary>When to try again, for <see cref="Refusal.RateLimited"/> and <see cref="Refusal.Busy"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
