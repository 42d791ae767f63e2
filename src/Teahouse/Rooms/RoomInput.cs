namespace Teahouse.Rooms;

/// <summary>The rules for what people write about a room: trimmed, one line, visible.</summary>
public static class RoomInput
{
    /// <summary>Longest title, in Unicode code points.</summary>
    public const int MaxTitle = 100;

    /// <summary>Longest topic, in Unicode code points.</summary>
    public const int MaxTopic = 250;

    /// <summary>The title as stored; the room's name when nothing was written.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadTitle"/>.</exception>
    public static string Title(string? text, string name) =>
        VisibleText.Line(text, MaxTitle) is { } title ? (title.Length == 0 ? name : title) : throw new RefusedException(Refusal.BadTitle, MaxTitle) { Field = "title" };

    /// <exception cref="RefusedException"><see cref="Refusal.BadTopic"/>.</exception>
    public static string Topic(string? text) => VisibleText.Line(text, MaxTopic) ?? throw new RefusedException(Refusal.BadTopic, MaxTopic) { Field = "topic" };

    /// <exception cref="RefusedException"><see cref="Refusal.BadChoice"/>.</exception>
    public static Access Access(string? text) => text switch
    {
        "guests" => Rooms.Access.Guests,
        "members" => Rooms.Access.Members,
        "private" => Rooms.Access.Private,
        _ => throw new RefusedException(Refusal.BadChoice) { Field = "access" },
    };

    /// <exception cref="RefusedException"><see cref="Refusal.BadChoice"/>.</exception>
    public static Role Role(string? text) => text switch
    {
        "owner" => Rooms.Role.Owner,
        "moderator" => Rooms.Role.Moderator,
        "member" => Rooms.Role.Member,
        _ => throw new RefusedException(Refusal.BadChoice) { Field = "role" },
    };
}
