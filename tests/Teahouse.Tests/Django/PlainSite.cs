using Microsoft.Data.Sqlite;

namespace Teahouse.Tests.Django;

/// <summary>The database of a site with open rooms (system B), made by hand: what Django makes of its own accord does not matter.</summary>
public sealed class PlainSite
{
    private const string Tables = """
        CREATE TABLE auth_user (id INTEGER PRIMARY KEY, username TEXT, email TEXT, password TEXT, is_active INTEGER, is_staff INTEGER, is_superuser INTEGER, date_joined TEXT);
        CREATE TABLE chat_chatmessage (id INTEGER PRIMARY KEY, room_name TEXT, sender_id INTEGER, content TEXT, timestamp TEXT);
        CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT);
        """;

    private readonly List<(string Sql, object?[] Values)> _rows = [];
    private long _users;
    private long _messages;

    /// <summary>When its first migration was applied; a site without has an empty table of them.</summary>
    public PlainSite Migrated(string at) => Row("INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial', @0)", at);

    public PlainSite User(string name, string joined = "2024-01-01 00:00:00.123456") =>
        Row("INSERT INTO auth_user VALUES (@0, @1, '', '!', 1, 0, 0, @2)", ++_users, name, joined);

    public PlainSite Say(string room, long? userId, string text, string at) =>
        Row("INSERT INTO chat_chatmessage VALUES (@0, @1, @2, @3, @4)", ++_messages, room, userId, text, at);

    /// <summary>As an administrator of that site can.</summary>
    public PlainSite Edit(long message, string text) => Row("UPDATE chat_chatmessage SET content = @1 WHERE id = @0", message, text);

    /// <summary>What they said stays, without them.</summary>
    public PlainSite Delete(long user) => Row("UPDATE chat_chatmessage SET sender_id = NULL WHERE sender_id = @0", user).Row("DELETE FROM auth_user WHERE id = @0", user);

    /// <summary>Writes the file anew.</summary>
    public string Write(string path)
    {
        File.Delete(path);
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        foreach (var (sql, values) in _rows.Prepend((Tables, [])))
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.AddWithValue($"@{i}", values[i] ?? DBNull.Value);
            }
            command.ExecuteNonQuery();
        }
        transaction.Commit();
        return path;
    }

    private PlainSite Row(string sql, params object?[] values)
    {
        _rows.Add((sql, values));
        return this;
    }
}
