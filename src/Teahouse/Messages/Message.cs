using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Teahouse.Messages;

/// <summary>A message as readers get it. <see cref="Rev"/> is the room's revision of its latest change.</summary>
public sealed record Message
{
    public required long Id { get; init; }
    public required long RoomId { get; init; }

    /// <summary>1, 2, 3 … without a hole inside its room.</summary>
    public required long Seq { get; init; }

    public required long Rev { get; init; }

    /// <summary><c>text</c> or <c>system</c>.</summary>
    public required string Kind { get; init; }

    public long? UserId { get; init; }

    /// <summary>Username or nickname at the time of writing; empty for a visitor without a nickname.</summary>
    public required string AuthorName { get; init; }

    /// <summary>The account's present display name, or its bot's; empty for guests.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>The avatar colour the author chose, as it is at present; null for that of the name.</summary>
    public long? AvatarColour { get; init; }

    /// <summary>The name the program that wrote it went by, empty for its account's own; null when a person did.</summary>
    public string? BotName { get; init; }

    public bool IsBot => BotName is not null;

    public required bool IsGuest { get; init; }

    /// <summary>See <see cref="Caller.AuthorKey"/>; null for visitors without a nickname, and where the author's name was taken away.</summary>
    public string? AuthorKey { get; init; }

    public string? Nonce { get; init; }

    /// <summary>Empty when deleted.</summary>
    public required string Text { get; init; }

    /// <summary>For system messages: what happened, as a JSON object.</summary>
    public string? Event { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed otherwise than by removing it; that of its making when its text is still the same.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>When its text was changed; null for never.</summary>
    public DateTimeOffset? TextEditedAt => EditedAt > CreatedAt ? EditedAt : null;

    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The revision it was made with, of one that was changed since; null when it was not, or that is not known.</summary>
    public long? FirstRev { get; init; }

    /// <summary>Its revision before a change that has just been made; null when that is not known.</summary>
    public long? FormerRev { get; init; }

    /// <summary>Of a guest: 16 digits that are the same for all that one guest says in this room, and nobody else's, since several may have one nickname. They tell nothing of the guest's cookie, and
    /// are others in every room. Null for everybody else.</summary>
    public string? GuestTag => IsGuest ? GuestTagOf(RoomId, AuthorKey) : null;

    /// <summary>The <see cref="GuestTag"/> of what a guest of that <see cref="Caller.AuthorKey"/> says in a room; null without a key.</summary>
    public static string? GuestTagOf(long roomId, string? authorKey) => authorKey is null ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{roomId}/{authorKey}"))).AsSpan(0, 8));

    public const string TextKind = "text";
    public const string SystemKind = "system";

    /// <summary>How a visitor without a nickname is called everywhere, as in the systems before.</summary>
    public const string NamelessAuthor = "未登入用戶";

    /// <summary>The author's name as shown.</summary>
    public string Author => AuthorName.Length > 0 ? AuthorName : NamelessAuthor;
}
