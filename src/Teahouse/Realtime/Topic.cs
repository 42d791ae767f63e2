namespace Teahouse.Realtime;

/// <summary>An address of fan-out, such as <c>room:lobby</c> or <c>user:7</c>.</summary>
public readonly record struct Topic(string Value)
{
    private const string RoomPrefix = "room:";
    private const string UserPrefix = "user:";

    /// <summary>A room, by the key its name is compared by: a room that its first message has yet to make has no id.</summary>
    public static Topic Room(string nameKey) => new(RoomPrefix + nameKey);

    /// <summary>All connections of one account.</summary>
    public static Topic User(long userId) => new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{UserPrefix}{userId}"));

    /// <summary>The key of a room's topic; null for others.</summary>
    public static string? RoomKeyOf(Topic topic) => topic.Value.StartsWith(RoomPrefix, StringComparison.Ordinal) ? topic.Value[RoomPrefix.Length..] : null;

    /// <summary>The account of an account's topic; null for others.</summary>
    public static long? UserIdOf(Topic topic) => topic.Value.StartsWith(UserPrefix, StringComparison.Ordinal)
        ? long.Parse(topic.Value.AsSpan(UserPrefix.Length), System.Globalization.CultureInfo.InvariantCulture) : null;

    public override string ToString() => Value;
}
