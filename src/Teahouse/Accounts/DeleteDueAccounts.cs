using Teahouse.Jobs;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>At night: accounts whose owners wanted them deleted, and have not signed in since.</summary>
internal sealed partial class DeleteDueAccounts(Db db, DeleteUser delete, TimeProvider clock, ILogger<DeleteDueAccounts> log) : IScheduledWork
{
    private const string Due = "SELECT id, deletes_messages AS messages FROM users WHERE deletes_at <= @now ORDER BY id LIMIT 1000";

    public string Name => "due-deletions";

    public string Cron => "0 53 4 * * ?";

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var due in await db.QueryAsync<DueAccount>(Due, new { now = clock.GetUtcNow() }, ct))
        {
            try
            {
                await delete.ExecuteAsync(Caller.System, due.Id, Enum.TryParse<MessagesLeft>(due.Messages, out var messages) ? messages : MessagesLeft.Anonymous, ct);
            }
            catch (RefusedException e)
            {
                // The last administrator meanwhile: tomorrow there may be another.
                LogPutOff(log, due.Id, e.Refusal.Code);
            }
        }
    }

    private sealed record DueAccount
    {
        public required long Id { get; init; }
        public string? Messages { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "deletion_put_off", Message = "Account {Id} could not be deleted as its owner wished: {Code}")]
    private static partial void LogPutOff(ILogger logger, long id, string code);
}
