using System.Text.Json;
using Teahouse.Storage;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>What a worker found.</summary>
/// <param name="Email">The account of the server's key; null for none, or when that was not asked.</param>
/// <param name="Reason">Why it did not go well, as <see cref="SinkReason"/> writes it; null when it did.</param>
internal sealed record SheetAnswer(string? Email, string? Reason);

/// <summary>All SQL that touches <c>sheet_errands</c>. Thread-safe.</summary>
internal sealed class SheetErrandStore(Db db, TimeProvider clock)
{
    /// <summary>A worker that has said nothing for so long has gone.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    /// <summary>Nobody waits longer for an answer.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private const string Insert = "INSERT INTO sheet_errands (sink_id, created_at) VALUES (@sinkId, @now) RETURNING id";

    private const string Waits = "SELECT COUNT(*) FROM sheet_errands WHERE answer IS NULL AND taken_until < @now";

    private const string Take = """
        UPDATE sheet_errands
        SET taken_until = @until
        WHERE answer IS NULL AND taken_until < @now AND id = (SELECT MIN(e.id) FROM sheet_errands e WHERE e.answer IS NULL AND e.taken_until < @now)
        RETURNING id, sink_id
        """;

    private const string Answer = "UPDATE sheet_errands SET answer = @answer WHERE id = @id";

    private const string FindAnswer = "SELECT answer FROM sheet_errands WHERE id = @id";

    private const string Delete = "DELETE FROM sheet_errands WHERE id = @id OR created_at < @before";

    /// <summary>Returns the errand's id.</summary>
    /// <param name="sinkId">Which sheet to test; null: whose key the server has.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    public Task<long> AddAsync(long? sinkId, CancellationToken ct) => db.WriteAsync(session => session.GetAsync<long>(Insert, new { sinkId, now = clock.GetUtcNow() }), ct);

    /// <summary>Takes one that waits; null when none does.</summary>
    public async Task<SheetErrand?> TakeAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.GetAsync<long>(Waits, new { now }, ct) == 0 ? null
            : await db.WriteAsync(session => session.FindAsync<SheetErrand>(Take, new { now, until = now + Hold }), ct);
    }

    public Task AnswerAsync(long id, SheetAnswer answer, CancellationToken ct) => db.WriteAsync(session => session.ExecuteAsync(Answer, new { id, answer = JsonSerializer.Serialize(answer) }), ct);

    /// <summary>Null while there is none.</summary>
    public async Task<SheetAnswer?> FindAnswerAsync(long id, CancellationToken ct) =>
        await db.FindAsync<string>(FindAnswer, new { id }, ct) is { } text ? JsonSerializer.Deserialize<SheetAnswer>(text) : null;

    /// <summary>Removes it, and those that nobody waits for any longer.</summary>
    public Task EndAsync(long id, CancellationToken ct) => db.WriteAsync(session => session.ExecuteAsync(Delete, new { id, before = clock.GetUtcNow() - Kept }), ct);
}

/// <summary>Something asked of a worker.</summary>
internal sealed record SheetErrand
{
    public required long Id { get; init; }

    /// <summary>Null: about the server's own key.</summary>
    public long? SinkId { get; init; }
}
