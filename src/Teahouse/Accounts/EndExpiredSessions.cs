using Teahouse.Jobs;

namespace Teahouse.Accounts;

/// <summary>Every hour: ends sessions that nobody has used for too long.</summary>
internal sealed class EndExpiredSessions(SessionStore store) : IScheduledWork
{
    public string Name => "expired-sessions";

    public string Cron => "0 23 * * * ?";

    public Task RunAsync(CancellationToken ct) => store.EndExpiredAsync(ct);
}
