using Microsoft.Data.Sqlite;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>The SQLite file of a Django site, read in one snapshot and never written. Not thread-safe.</summary>
internal sealed partial class DjangoFile : IDisposable
{
    private const string ListColumns = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";

    // By this alone sites were told apart once.
    private const string FirstMigration = "SELECT app || ' ' || name || ' ' || applied FROM django_migrations ORDER BY id LIMIT 1";

    private static readonly Dictionary<string, string[]> Needed = new()
    {
        ["auth_user"] = ["id", "username", "email", "password", "is_active", "is_staff", "is_superuser", "date_joined"],
        ["chat_chatmessage"] = ["id", "room_name", "sender_id", "content", "timestamp"],
        ["chat_room"] = ["id", "name", "owner_id", "created_at"],
        ["chat_message"] = ["id", "room_id", "user_id", "content", "timestamp"],
        ["chats_chatroom"] = ["id", "project_id", "visitor_id", "created_at"],
        ["chats_message"] = ["id", "chat_room_id", "sender_id", "content", "is_read", "created_at"],
        ["projects_project"] = ["id", "slug", "account_id"],
    };

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _snapshot;
    private readonly TimeZoneInfo _zone;
    private readonly HashSet<string> _tables;

    /// <param name="path">The file.</param>
    /// <param name="zone">Of times without an offset.</param>
    /// <exception cref="ImportException">It is none that can be imported.</exception>
    public DjangoFile(string path, TimeZoneInfo zone)
    {
        if (!File.Exists(path))
        {
            throw new ImportException($"There is no file {path}.");
        }
        SqliteNative.Use();
        _path = path;
        _zone = zone;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            _snapshot = _connection.BeginTransaction(deferred: true);
            var columns = Read(ListColumns, row => (Table: row.GetString(0), Column: row.GetString(1))).ToLookup(pair => pair.Table, pair => pair.Column);
            _tables = [.. Needed.Where(table => table.Value.All(columns[table.Key].Contains)).Select(table => table.Key)];
            OldSource = columns.Contains("django_migrations") && Read(FirstMigration, row => row.GetString(0)).FirstOrDefault() is { } first
                ? SiteMark.Hash(first) : "django";
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw Unreadable(e);
        }
        catch (ImportException)
        {
            _connection.Dispose();
            throw;
        }
        if (!_tables.Contains("auth_user") || !(HasNamedRooms || HasOwnedRooms || HasChats))
        {
            var found = _tables.Count == 0 ? "none of them" : string.Join(", ", _tables.Order(StringComparer.Ordinal));
            _connection.Dispose();
            throw new ImportException($"{path} is of none of the systems that can be imported: they have auth_user and either chat_chatmessage, chat_room and chat_message, or chats_chatroom, chats_message and projects_project, with the columns of those systems (found: {found}).");
        }
    }

    /// <summary>What the site was called by imports that knew it by its first migration only.</summary>
    public string OldSource { get; }

    /// <summary>System B: messages with the name of a room.</summary>
    public bool HasNamedRooms => _tables.Contains("chat_chatmessage");

    /// <summary>System E: rooms with an owner.</summary>
    public bool HasOwnedRooms => _tables.Contains("chat_room") && _tables.Contains("chat_message");

    /// <summary>System A: chats of projects.</summary>
    public bool HasChats => _tables.Contains("chats_chatroom") && _tables.Contains("chats_message") && _tables.Contains("projects_project");

    public void Dispose()
    {
        _snapshot.Dispose();
        _connection.Dispose();
    }

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object Value)[] parameters)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }
        List<T> result = [];
        try
        {
            using var rows = command.ExecuteReader();
            while (rows.Read())
            {
                result.Add(read(rows));
            }
        }
        catch (SqliteException e)
        {
            // A damaged page shows only when it is come to.
            throw Unreadable(e);
        }
        return result;
    }

    private ImportException Unreadable(SqliteException e) => new($"{_path} can't be read: {e.Message.ReplaceLineEndings(" ")}");

    private DateTimeOffset? Time(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : DjangoTime.Parse(row.GetString(column), _zone);

    private static long? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static string Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? "" : row.GetString(column);
}

/// <summary>The file is none that can be imported, or not further: what was taken before it stays. The message is one line for the person at the shell.</summary>
internal sealed class ImportException(string message) : Exception(message);
