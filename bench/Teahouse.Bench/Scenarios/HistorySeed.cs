using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Teahouse.Bench.Scenarios;

/// <summary>What was put into a database.</summary>
/// <param name="HallMessages">How many stand in the large room.</param>
/// <param name="HallRev">Its revision.</param>
/// <param name="SessionKey">Signs in a member of all rooms.</param>
internal sealed record Seeded(long HallMessages, long HallRev, string SessionKey);

/// <summary>Fills a database as years of talk would: half of the messages in one large room, the others over a thousand, in between one another on the disk.</summary>
internal static class HistorySeed
{
    public const string Hall = "hall";
    public const int Rooms = 1000;
    private const int Users = 50;
    private const int MessagesPerCommit = 50_000;
    private const int MostUnread = 40;

    private const string AddUser = """
        INSERT INTO users (id, username, username_key, username_skeleton, display_name, security_stamp, created_at)
        VALUES (@id, @name, @name, @name, @name, @name, @at)
        """;

    private const string AddRoom = """
        INSERT INTO rooms (id, kind, name, name_key, title, topic, search_key, access, owner_id, created_at)
        VALUES (@id, 'room', @name, @name, @name, '', @name, 'guests', 1, @at)
        """;

    private const string AddMessage = """
        INSERT INTO messages (room_id, seq, rev, kind, user_id, author_key, author_name, nonce, text, created_at)
        VALUES (@room, @seq, @seq, 'text', @user, 'u:' || @user, 'user' || @user, @nonce, @text, @at)
        """;

    private const string SetHead = "UPDATE rooms SET rev = @seq, last_seq = @seq, last_message_at = @at WHERE id = @id";

    private const string AddMembership = """
        INSERT INTO memberships (room_id, user_id, role, last_read_seq, joined_at)
        SELECT id, 1, 'member', MAX(0, last_seq - id % @unread), @at FROM rooms
        """;

    private const string AddSession = """
        INSERT INTO sessions (key_hash, user_id, created_at, last_seen_at, expires_at, user_agent)
        VALUES (@hash, 1, @now, @now, @end, 'bench')
        """;

    public static string RoomName(int room) => room == 0 ? Hall : $"room{room.ToString(CultureInfo.InvariantCulture)}";

    public static Seeded Fill(string path, int messages)
    {
        using var connection = Sqlite.Open(path);
        // Nobody reads it yet, and what is lost with the machine is made again.
        connection.Run("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA foreign_keys = OFF");
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        using (var transaction = connection.BeginTransaction())
        {
            connection.Run("DELETE FROM rooms");
            for (var user = 1; user <= Users; user++)
            {
                connection.Run(AddUser, ("@id", user), ("@name", $"user{user}"), ("@at", now));
            }
            for (var room = 0; room <= Rooms; room++)
            {
                connection.Run(AddRoom, ("@id", room + 1), ("@name", RoomName(room)), ("@at", now));
            }
            transaction.Commit();
        }
        var heads = AddMessages(connection, messages, now);
        using (var transaction = connection.BeginTransaction())
        {
            for (var room = 0; room <= Rooms; room++)
            {
                connection.Run(SetHead, ("@id", room + 1), ("@seq", heads[room]), ("@at", now + room));
            }
            connection.Run(AddMembership, ("@unread", MostUnread), ("@at", now));
            transaction.Commit();
        }
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        connection.Run(AddSession, ("@hash", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))), ("@now", now), ("@end", now + 86_400_000));
        connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        return new Seeded(heads[0], heads[0], key);
    }

    private static long[] AddMessages(SqliteConnection connection, int messages, long now)
    {
        // The same talk in every run.
        var random = new Random(1);
        var heads = new long[Rooms + 1];
        using var insert = connection.CreateCommand();
        insert.CommandText = AddMessage;
        var (room, seq, user) = (insert.Parameters.Add("@room", SqliteType.Integer), insert.Parameters.Add("@seq", SqliteType.Integer), insert.Parameters.Add("@user", SqliteType.Integer));
        var (nonce, text, at) = (insert.Parameters.Add("@nonce", SqliteType.Text), insert.Parameters.Add("@text", SqliteType.Text), insert.Parameters.Add("@at", SqliteType.Integer));
        for (var done = 0; done < messages;)
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            for (var end = Math.Min(messages, done + MessagesPerCommit); done < end; done++)
            {
                var where = done % 2 == 0 ? 0 : random.Next(1, Rooms + 1);
                room.Value = where + 1;
                seq.Value = ++heads[where];
                user.Value = random.Next(1, Users + 1);
                nonce.Value = done.ToString("x", CultureInfo.InvariantCulture);
                text.Value = new string((char)('a' + (done % 26)), random.Next(20, 220));
                at.Value = now - messages + done;
                insert.ExecuteNonQuery();
            }
            transaction.Commit();
        }
        return heads;
    }
}
