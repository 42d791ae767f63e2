using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary>What is wanted of the audit log; empty texts want everything.</summary>
/// <param name="Actor">Exactly this name.</param>
/// <param name="Action">Exactly this verb.</param>
/// <param name="Target">Exactly this name.</param>
/// <param name="From">Not before.</param>
/// <param name="Until">Before.</param>
public sealed record AuditFilter(string Actor = "", string Action = "", string Target = "", DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>SQL that reads the audit log. Thread-safe.</summary>
internal sealed class AuditQueries(Db db)
{
    private const string Columns = """
        SELECT id, at, actor, action, target, detail, address, old_value, new_value
        FROM audit_log
        """;

    private const string Rest = """

          AND (@actor = '' OR actor = @actor) AND (@action = '' OR action = @action) AND (@target = '' OR target = @target)
          AND at >= @from AND at < @until
        """;

    // Each name has an index that ends with the id; what is left over is looked at row by row.
    private const string Everything = Columns + " WHERE id > 0" + Rest;
    private const string OfActor = Columns + " WHERE actor = @actor" + Rest;
    private const string OfAction = Columns + " WHERE action = @action" + Rest;
    private const string OfTarget = Columns + " WHERE target = @target" + Rest;

    private const string OlderEnd = " AND id < @key ORDER BY id DESC LIMIT @limit";
    private const string NewerEnd = " AND id > @key ORDER BY id LIMIT @limit";

    private const string Older = Everything + OlderEnd;
    private const string Newer = Everything + NewerEnd;
    private const string OlderOfActor = OfActor + OlderEnd;
    private const string NewerOfActor = OfActor + NewerEnd;
    private const string OlderOfAction = OfAction + OlderEnd;
    private const string NewerOfAction = OfAction + NewerEnd;
    private const string OlderOfTarget = OfTarget + OlderEnd;
    private const string NewerOfTarget = OfTarget + NewerEnd;

    private const string About = Columns + """
         WHERE id IN (SELECT id FROM (SELECT id FROM audit_log WHERE target = @name ORDER BY id DESC LIMIT @limit) AS to_them
                     UNION
                     SELECT id FROM (SELECT id FROM audit_log WHERE actor = @name ORDER BY id DESC LIMIT @limit) AS by_them)
        ORDER BY id DESC
        LIMIT @limit
        """;

    /// <summary>Latest first.</summary>
    public async Task<List<AuditRow>> ListAsync(AuditFilter filter, ListCut cut, CancellationToken ct)
    {
        var statement = filter switch
        {
            { Target.Length: > 0 } => cut.Of(OlderOfTarget, NewerOfTarget),
            { Actor.Length: > 0 } => cut.Of(OlderOfActor, NewerOfActor),
            { Action.Length: > 0 } => cut.Of(OlderOfAction, NewerOfAction),
            _ => cut.Of(Older, Newer),
        };
        return cut.Arrange(await db.QueryAsync<AuditRow>(statement, new
        {
            actor = filter.Actor,
            action = filter.Action,
            target = filter.Target,
            from = filter.From ?? DateTimeOffset.UnixEpoch,
            until = filter.Until ?? DateTimeOffset.MaxValue,
            key = cut.Key,
            limit = cut.Limit,
        }, ct));
    }

    /// <summary>What somebody of this name did, and what was done to them; latest first.</summary>
    public Task<List<AuditRow>> ListAboutAsync(string name, int limit, CancellationToken ct) =>
        db.QueryAsync<AuditRow>(About, new { name, limit }, ct);
}

/// <summary>One administrative act.</summary>
public sealed record AuditRow
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string Target { get; init; }
    public required string Detail { get; init; }

    /// <summary>From where; empty for the shell and the program itself.</summary>
    public required string Address { get; init; }

    public string? OldValue { get; init; }
    public string? NewValue { get; init; }
}
