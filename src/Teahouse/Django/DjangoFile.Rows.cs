using Microsoft.Data.Sqlite;

namespace Teahouse.Django;

/// <summary>What stands in the tables of the three systems.</summary>
internal sealed partial class DjangoFile
{
    private const string Users = """
        SELECT id, username, email, password, is_active, is_staff OR is_superuser, date_joined
        FROM auth_user
        ORDER BY id
        """;

    private const string NamedRooms = "SELECT DISTINCT room_name FROM chat_chatmessage ORDER BY room_name";

    private const string OwnedRooms = "SELECT id, name, owner_id, created_at FROM chat_room ORDER BY id";

    private const string Chats = """
        SELECT c.id, p.account_id, c.visitor_id, c.project_id, c.created_at
        FROM chats_chatroom c
        LEFT JOIN projects_project p ON p.id = c.project_id
        ORDER BY c.id
        """;

    // Every site called the other columns as it liked: they are looked up by name.
    private const string Projects = "SELECT * FROM projects_project ORDER BY id";

    private const string NamedMessages = """
        SELECT id, sender_id, content, timestamp, 1
        FROM chat_chatmessage
        WHERE room_name = @room AND id > @after
        ORDER BY id
        """;

    private const string OwnedMessages = """
        SELECT id, user_id, content, timestamp, 1
        FROM chat_message
        WHERE room_id = @room AND id > @after
        ORDER BY id
        """;

    private const string NamedMessage = "SELECT id, sender_id, content, timestamp FROM chat_chatmessage WHERE room_name = @room AND id = @id";

    private const string OwnedMessage = "SELECT id, user_id, content, timestamp FROM chat_message WHERE room_id = @room AND id = @id";

    private const string ChatMessage = "SELECT id, sender_id, content, created_at FROM chats_message WHERE chat_room_id = @room AND id = @id";

    private const string FirstNamed = "SELECT id, sender_id, content, timestamp FROM chat_chatmessage ORDER BY id LIMIT 100";

    private const string FirstOwned = "SELECT id, user_id, content, timestamp FROM chat_message ORDER BY id LIMIT 100";

    private const string FirstOfChats = "SELECT id, sender_id, content, created_at FROM chats_message ORDER BY id LIMIT 100";

    // From the first: whether they were read may have changed since.
    private const string ChatMessages = """
        SELECT id, sender_id, content, created_at, is_read
        FROM chats_message
        WHERE chat_room_id = @room
        ORDER BY id
        """;

    private static readonly string[] TitleColumns = ["title", "name", "subject"];
    private static readonly string[] DescriptionColumns = ["description", "content", "summary", "body"];
    private static readonly string[] CreatedColumns = ["created_at", "created", "created_on", "date_created"];

    public List<OldUser> ListUsers() => Read(Users, row =>
        new OldUser(row.GetInt64(0), Text(row, 1), Text(row, 2), Text(row, 3), row.GetInt64(4) != 0, row.GetInt64(5) != 0, Time(row, 6), SiteMark.OfUser(Text(row, 1), Text(row, 6))));

    public List<OldRoom> ListNamedRooms() => Read(NamedRooms, row => new OldRoom(Text(row, 0), Text(row, 0), null, null, null, null));

    public List<OldRoom> ListOwnedRooms() => Read(OwnedRooms, row => new OldRoom(Text(row, 0), Text(row, 1), Number(row, 2), null, null, Time(row, 3)));

    public List<OldRoom> ListChats() => Read(Chats, row => new OldRoom(Text(row, 0), "", Number(row, 1), Number(row, 2), Number(row, 3), Time(row, 4)));

    public List<OldProject> ListProjects() => Read(Projects, row => new OldProject(
        row.GetInt64(row.GetOrdinal("id")),
        Find(row, ["slug"]),
        Find(row, TitleColumns),
        Find(row, DescriptionColumns),
        Number(row, row.GetOrdinal("account_id")),
        DjangoTime.Parse(Find(row, CreatedColumns), _zone)));

    /// <param name="key">The room's name.</param>
    /// <param name="after">The highest id that was looked at before.</param>
    public List<OldMessage> ListNamedMessages(string key, long after) => Read(NamedMessages, Message, ("@room", key), ("@after", after));

    /// <inheritdoc cref="ListNamedMessages"/>
    public List<OldMessage> ListOwnedMessages(string key, long after) => Read(OwnedMessages, Message, ("@room", key), ("@after", after));

    /// <summary>All of a chat's.</summary>
    public List<OldMessage> ListChatMessages(string key) => Read(ChatMessages, Message, ("@room", key));

    /// <summary>What one message is known by; null when it is not there.</summary>
    /// <param name="kind">Of its room, in <see cref="ImportStore"/>.</param>
    /// <param name="key">Its room's id, or name.</param>
    /// <param name="id">Its id.</param>
    public string? FindMark(string kind, string key, long id) => (kind switch
    {
        ImportStore.NamedRoom when HasNamedRooms => Read(NamedMessage, Mark, ("@room", key), ("@id", id)),
        ImportStore.OwnedRoom when HasOwnedRooms => Read(OwnedMessage, Mark, ("@room", key), ("@id", id)),
        ImportStore.Chat when HasChats => Read(ChatMessage, Mark, ("@room", key), ("@id", id)),
        _ => [],
    }).FirstOrDefault();

    /// <summary>What the first messages of all kinds are known by.</summary>
    public IEnumerable<string> ListFirstMarks() =>
        [.. HasNamedRooms ? Read(FirstNamed, Mark) : [], .. HasOwnedRooms ? Read(FirstOwned, Mark) : [], .. HasChats ? Read(FirstOfChats, Mark) : []];

    private static string Mark(SqliteDataReader row) => SiteMark.OfMessage(row.GetInt64(0), Number(row, 1), Text(row, 2), Text(row, 3));

    private OldMessage Message(SqliteDataReader row) => new(row.GetInt64(0), Number(row, 1), Text(row, 2), Time(row, 3), row.GetInt64(4) != 0);

    private static string Find(SqliteDataReader row, string[] names)
    {
        for (var column = 0; column < row.FieldCount; column++)
        {
            if (names.Contains(row.GetName(column)) && Text(row, column) is { Length: > 0 } text)
            {
                return text;
            }
        }
        return "";
    }
}
