using Teahouse.Storage;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Answers what nodes that do not reach outwards ask about sheets. Where one process has the database there is no such node.</summary>
internal sealed partial class SheetErrandLoop(SheetErrandStore errands, TestSheet test, Db db, ILogger<SheetErrandLoop> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!db.IsShared)
        {
            return;
        }
        using var timer = new PeriodicTimer(Look);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await AnswerAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; another worker answers.
        }
    }

    private async Task AnswerAsync(CancellationToken ct)
    {
        try
        {
            while (await errands.TakeAsync(ct) is { } errand)
            {
                await errands.AnswerAsync(errand.Id, await test.AnswerAsync(errand.SinkId, ct), ct);
            }
        }
#pragma warning disable CA1031 // Whoever asked is told that nobody answers, and the next question may be answered.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotAnswered(log, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sheet_errand_failed", Message = "A question about a sheet could not be answered: {Reason}")]
    private static partial void LogNotAnswered(ILogger logger, string reason);
}
