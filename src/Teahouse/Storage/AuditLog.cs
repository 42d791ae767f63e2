namespace Teahouse.Storage;

/// <summary>The record of administrative acts. Written in the same transaction as the act, and never changed.</summary>
public static class AuditLog
{
    private const string Insert = """
        INSERT INTO audit_log (at, actor, action, target, detail, address, old_value, new_value)
        VALUES (@at, @actor, @action, @target, @detail, @address, @before, @after)
        """;

    /// <param name="session">The transaction of the act itself.</param>
    /// <param name="at">When.</param>
    /// <param name="actor">Who, and from where.</param>
    /// <param name="action">Stable snake_case verb, such as <c>member_removed</c>.</param>
    /// <param name="target">What it was done to: a room's or user's name.</param>
    /// <param name="detail">What else there is to know, for a person to read; never a secret.</param>
    /// <param name="before">What was changed, as it was; null where nothing has two states.</param>
    /// <param name="after">The same, as it is from now on.</param>
    public static Task AddAsync(DbSession session, DateTimeOffset at, Caller actor, string action, string target, string detail = "", string? before = null, string? after = null) =>
        AddAsync(session, at, actor.Username, action, target, detail, before, after, actor.Address);

    /// <summary>The same for who is no caller: <paramref name="actor"/> is <c>shell</c> for a verb.</summary>
    public static Task AddAsync(DbSession session, DateTimeOffset at, string actor, string action, string target, string detail = "", string? before = null, string? after = null, string address = "") =>
        session.ExecuteAsync(Insert, new { at, actor, action, target, detail, before, after, address });
}
