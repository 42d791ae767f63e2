using Teahouse.Realtime;

namespace Teahouse.Accounts;

/// <summary>Now and then notes which sessions have sockets open here, which is use.</summary>
internal sealed partial class SessionCare(SessionStore store, AccountQueries queries, ConnectionRegistry connections, TimeProvider clock, ILogger<SessionCare> log)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
#pragma warning disable CA1031 // Whatever it is, the next time comes: a sign-in that is not noted as used for once ends no server.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogSkipped(log, (e as RefusedException)?.Refusal.Code ?? "failed", e is RefusedException ? null : e);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken ct)
    {
        foreach (var id in connections.Connections.Select(connection => connection.Caller.SessionId).OfType<long>().Distinct().ToList())
        {
            if (await queries.FindSignedInAsync(id, ct) is { } signedIn)
            {
                await store.TouchAsync(signedIn, ct);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "session_sweep_skipped", Message = "Sessions could not be swept now: {Code}")]
    private static partial void LogSkipped(ILogger logger, string code, Exception? e);
}
