using System.Globalization;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>What something of an older system is here.</summary>
internal sealed record Known
{
    public required long NewId { get; init; }
    public required long LastId { get; init; }
}

/// <summary>An account of an older system that was taken.</summary>
internal sealed record KnownUser
{
    public required string OldKey { get; init; }
    public required long NewId { get; init; }

    /// <summary>Its name here; null when it was deleted.</summary>
    public string? Username { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Of <see cref="SiteMark"/>; null when it was taken before there were any.</summary>
    public string? Mark { get; init; }

    public long OldId => long.Parse(OldKey, CultureInfo.InvariantCulture);
}

/// <summary>The message that was taken last of a room.</summary>
internal sealed record KnownEnd
{
    public required string Kind { get; init; }
    public required string OldKey { get; init; }
    public required long LastId { get; init; }
    public required string Mark { get; init; }
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
        INSERT INTO imports (source, kind, old_key, new_id, last_id, mark)
        VALUES (@source, @kind, @oldKey, @newId, @lastId, @mark)
        ON CONFLICT (source, kind, old_key) DO UPDATE SET new_id = excluded.new_id, last_id = excluded.last_id, mark = COALESCE(excluded.mark, imports.mark)
        """;

    private const string SelectSource = "SELECT source FROM imports WHERE kind = @kind AND new_id = @newId ORDER BY source LIMIT 1";

    private const string UserIds = """
        SELECT i.old_key, i.new_id, i.mark, u.username, u.created_at
        FROM imports i
        LEFT JOIN users u ON u.id = i.new_id
        WHERE i.source = @source AND i.kind = 'user'
        """;

    private const string Sources = "SELECT DISTINCT source FROM imports ORDER BY source LIMIT 1000";

    // Enough to know a site by.
    private const string Marked = """
        SELECT kind, old_key, last_id, mark
        FROM imports
        WHERE source = @source AND kind <> 'user' AND mark IS NOT NULL
        ORDER BY last_id DESC
        LIMIT 200
        """;

    public static Task<Known?> FindAsync(DbSession session, string source, string kind, string oldKey) => session.FindAsync<Known>(Select, new { source, kind, oldKey });

    public static Task SaveAsync(DbSession session, string source, string kind, string oldKey, long newId, long lastId = 0, string? mark = null) =>
        session.ExecuteAsync(Upsert, new { source, kind, oldKey, newId, lastId, mark });

    /// <summary>From where something here was taken; null when it was made here.</summary>
    public static Task<string?> FindSourceAsync(DbSession session, string kind, long newId) => session.FindAsync<string>(SelectSource, new { kind, newId });

    /// <summary>The accounts of a site that were taken.</summary>
    public static Task<List<KnownUser>> ListUsersAsync(DbSession session, string source) => session.QueryAsync<KnownUser>(UserIds, new { source });

    /// <summary>The sites of which something was taken.</summary>
    public static Task<List<string>> ListSourcesAsync(DbSession session) => session.QueryAsync<string>(Sources);

    /// <summary>What was taken last of a site's rooms, where it is known.</summary>
    public static Task<List<KnownEnd>> ListMarkedAsync(DbSession session, string source) => session.QueryAsync<KnownEnd>(Marked, new { source });
}
