namespace Teahouse.Storage;

/// <summary>The record of administrative acts. Written in the same transaction as the act.</summary>
public static class AuditLog
{
    private const string Insert = """
        INSERT INTO audit_log (at, actor, action, target, detail)
        VALUES (@at, @actor, @action, @target, @detail)
        """;

    /// <param name="session">The transaction of the act itself.</param>
    /// <param name="at">When.</param>
    /// <param name="actor">Username, or <c>shell</c> for a verb.</param>
    /// <param name="action">Stable snake_case verb, such as <c>member_removed</c>.</param>
    /// <param name="target">What it was done to: a room's or user's name.</param>
    /// <param name="detail">What changed, for a person to read; never a secret.</param>
    public static Task AddAsync(DbSession session, DateTimeOffset at, string actor, string action, string target, string detail = "") =>
        session.ExecuteAsync(Insert, new { at, actor, action, target, detail });
}
