using System.Globalization;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>What something of an older system is here.</summary>
internal sealed record Known
{
    public required long NewId { get; init; }
    public required long LastId { get; init; }
}

/// <summary>All SQL that touches <c>imports</c>. Stateless; every method runs in its caller's transaction.</summary>
internal static class ImportStore
{
    public const string User = "user";
    public const string Project = "project";
    public const string Chat = "chat";

    /// <summary>Of system B, by its name.</summary>
    public const string NamedRoom = "named_room";

    /// <summary>Of system E.</summary>
    public const string OwnedRoom = "room";

    private const string Select = """
        SELECT new_id, last_id
        FROM imports
        WHERE source = @source AND kind = @kind AND old_key = @oldKey
        """;

    private const string Upsert = """
        INSERT INTO imports (source, kind, old_key, new_id, last_id)
        VALUES (@source, @kind, @oldKey, @newId, @lastId)
        ON CONFLICT (source, kind, old_key) DO UPDATE SET last_id = excluded.last_id
        """;

    private const string SelectSource = "SELECT source FROM imports WHERE kind = @kind AND new_id = @newId ORDER BY source LIMIT 1";

    private const string UserIds = """
        SELECT i.old_key, i.new_id, u.username
        FROM imports i
        LEFT JOIN users u ON u.id = i.new_id
        WHERE i.source = @source AND i.kind = 'user'
        """;

    public static Task<Known?> FindAsync(DbSession session, string source, string kind, string oldKey) => session.FindAsync<Known>(Select, new { source, kind, oldKey });

    public static Task SaveAsync(DbSession session, string source, string kind, string oldKey, long newId, long lastId = 0) =>
        session.ExecuteAsync(Upsert, new { source, kind, oldKey, newId, lastId });

    /// <summary>From where something here was taken; null when it was made here.</summary>
    public static Task<string?> FindSourceAsync(DbSession session, string kind, long newId) => session.FindAsync<string>(SelectSource, new { kind, newId });

    /// <summary>The accounts of a site that were taken, by their ids in it; those deleted here since have no id.</summary>
    public static async Task<Dictionary<long, OldAuthor>> ListUsersAsync(DbSession session, string source) => (await session.QueryAsync<UserRow>(UserIds, new { source }))
        .ToDictionary(row => long.Parse(row.OldKey, CultureInfo.InvariantCulture), row => new OldAuthor(row.Username is null ? null : row.NewId, row.Username ?? ""));

    private sealed record UserRow
    {
        public required string OldKey { get; init; }
        public required long NewId { get; init; }
        public string? Username { get; init; }
    }
}
