using Teahouse.Messages;
using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>Serves one sink from the moment its lease is taken until nothing is left to do: reads the log, has the target deliver, moves the cursor, and says when to try again.</summary>
internal sealed partial class SinkService(SinkServices services, ISinkTarget target, long id, string owner)
{
    private const string MessageTable = "messages";

    /// <summary>A stretch of the log in which a sink wanted nothing is written down only when it is as long as this.</summary>
    private const int WorthWriting = 1000;

    /// <summary>While a transaction keeps the log from being settled.</summary>
    private static readonly TimeSpan Unsettled = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    // Later, the first message after a silence would wait as long as one in a lively room.
    private const int FirstGatherPart = 5;

    private readonly SettledIds _settled = new(services.Db, MessageTable);

    /// <summary>Returns a cursor and how far the log behind it was looked through in vain; null for nothing to remember.</summary>
    /// <param name="messages">Tells of new ones.</param>
    /// <param name="mustWrite">Nothing is delivered before something could be written down.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="RefusedException">The database: what was delivered last may not be written down.</exception>
    public async Task<(long Cursor, long Through)?> RunAsync(MessageSignal messages, bool mustWrite, CancellationToken ct)
    {
        var lease = services.Settings.Sinks.Lease;
        if (await services.Store.TakeAsync(id, owner, lease, ct, mustWrite) is not { } sink)
        {
            return null;
        }
        using var held = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = services.Db.IsShared ? RenewAsync(held, lease) : Task.CompletedTask;
        try
        {
            return await TurnsAsync(sink, messages, held.Token);
        }
        catch (LeaseLostException)
        {
            return null;
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            LogLeaseLost(services.Logger, id);
            return null;
        }
        finally
        {
            await held.CancelAsync();
            await renewing;
            await ReleaseAsync();
        }
    }

    private async Task<(long Cursor, long Through)?> TurnsAsync(SinkRow sink, MessageSignal messages, CancellationToken ct)
    {
        var through = sink.CursorId;
        var gatherUntil = services.Clock.GetUtcNow() + (target.Gather / FirstGatherPart);
        while (true)
        {
            var next = messages.NextAsync();
            var settled = await _settled.FindAsync(ct);
            var page = await services.Log.ReadAsync(await target.FindScopeAsync(sink, ct), through, settled, target.MaxBatch, ct);
            through = page.Through;
            var now = services.Clock.GetUtcNow();
            if (page.Messages.Count == 0 && !page.IsEnd)
            {
                continue;
            }
            var isDue = sink.DueAt <= now || sink.State == SinkRow.Waiting;
            if (page.Messages.Count < target.MaxBatch && page.IsEnd && gatherUntil > now && !isDue)
            {
                await Task.WhenAny(next, Task.Delay(gatherUntil - now, ct));
                ct.ThrowIfCancellationRequested();
                await Task.Delay(Unsettled, ct);
                through = sink.CursorId;
                continue;
            }
            if (page.Messages.Count == 0 && !isDue)
            {
                if (_settled.IsWaiting)
                {
                    await Task.Delay(Unsettled, ct);
                    continue;
                }
                return await RememberAsync(sink, through, ct);
            }
            if (await TurnAsync(sink, page, ct) is not { } moved)
            {
                return null;
            }
            if (page.Messages.Count < target.MaxBatch)
            {
                gatherUntil = services.Clock.GetUtcNow() + target.Gather;
            }
            sink = moved;
            through = sink.CursorId;
        }
    }

    /// <summary>One turn. Returns the sink as it is then; null when it is to be left alone for now.</summary>
    private async Task<SinkRow?> TurnAsync(SinkRow sink, SinkPage page, CancellationToken ct)
    {
        SinkResult result;
        try
        {
            result = await target.DeliverAsync(new SinkTurn(sink, page.Messages, page.Through, page.IsEnd, text => services.Store.SaveProgressAsync(sink, owner, text, ct)), ct);
        }
#pragma warning disable CA1031 // Whatever a target throws must neither end the others' turns nor be repeated without a pause.
        catch (Exception e) when (e is not OperationCanceledException and not LeaseLostException and not RefusedException)
#pragma warning restore CA1031
        {
            LogFailed(services.Logger, sink.Kind, id, e);
            result = SinkResult.Wait(new SinkReason("failed", e.GetType().Name));
        }
        // Done is done, though the program stops: what was delivered is written down.
        var after = CancellationToken.None;
        switch (result.Outcome)
        {
            case SinkOutcome.Delivered:
                var moved = await services.Store.AdvanceAsync(sink, owner, result, isSuccess: true, after);
                return moved is null || moved.IsPaused || (result.UpTo <= sink.CursorId && page.Messages.Count > 0) ? null : moved;
            case SinkOutcome.Finished:
                await services.Store.FinishAsync(sink, owner, after);
                return null;
            case SinkOutcome.Wait:
                var wait = WaitOf(sink, result);
                LogWaits(services.Logger, sink.Kind, id, wait.TotalSeconds, result.Reason?.Code ?? "");
                await services.Store.FailAsync(sink, owner, result, services.Clock.GetUtcNow() + wait, after);
                return null;
            default:
                LogPaused(services.Logger, sink.Kind, id, result.Reason?.ToString() ?? "");
                await services.Store.FailAsync(sink, owner, result, waitUntil: null, after);
                return null;
        }
    }

    private TimeSpan WaitOf(SinkRow sink, SinkResult result)
    {
        var (first, longest) = (services.Settings.Sinks.Retry, services.Settings.Sinks.LongestRetry);
        // Something delivered is not the next failure in a row.
        var failures = (int)Math.Min(result.Count > 0 ? 0 : sink.Attempts, 30);
        // Half as long again at most: those that failed together do not come back together.
        var wait = Math.Min(first.TotalSeconds * Math.Pow(2, failures), longest.TotalSeconds) * (1 + (Random.Shared.NextDouble() / 2));
        var own = target.BackoffOf(failures + 1) ?? TimeSpan.FromSeconds(Math.Min(wait, Math.Max(longest.TotalSeconds, first.TotalSeconds)));
        // The other side may ask for more, but neither to be tried without a pause nor never again.
        var asked = result.RetryAfter > LongestAsked ? LongestAsked : result.RetryAfter;
        return asked > own ? asked.Value : own;
    }

    /// <summary>Nothing of this stretch was for the sink: a long one is written down, so that a restart does not read it again.</summary>
    private async Task<(long, long)?> RememberAsync(SinkRow sink, long through, CancellationToken ct)
    {
        if (through - sink.CursorId < WorthWriting)
        {
            return (sink.CursorId, through);
        }
        var moved = await services.Store.AdvanceAsync(sink, owner, SinkResult.Delivered(through, 0) with { DueAt = sink.DueAt }, isSuccess: false, ct);
        return moved is null ? null : (moved.CursorId, through);
    }

    private async Task RenewAsync(CancellationTokenSource held, TimeSpan lease)
    {
        // Measured from before the lease was taken, on the clock that nobody sets.
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(lease / 4);
        try
        {
            while (await timer.WaitForNextTickAsync(held.Token))
            {
                var asked = System.Diagnostics.Stopwatch.GetTimestamp();
                if (await TryRenewAsync(lease, held.Token) is not { } isRenewed)
                {
                    // Nobody knows: as long as the old one lasts, less the time that a last call may take to be noticed.
                    isRenewed = System.Diagnostics.Stopwatch.GetElapsedTime(since) < lease * 0.75;
                    asked = since;
                }
                if (!isRenewed)
                {
                    await held.CancelAsync();
                    return;
                }
                since = asked;
            }
        }
        catch (OperationCanceledException)
        {
            // The turns are done.
        }
    }

    private async Task<bool?> TryRenewAsync(TimeSpan lease, CancellationToken ct)
    {
        try
        {
            return await services.Store.RenewAsync(id, owner, lease, ct);
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await services.Store.ReleaseAsync(id, owner, CancellationToken.None);
        }
        catch (RefusedException)
        {
            // It passes by itself.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sink_lease_lost", Message = "Sink {Id} was given up: its lease could not be renewed in time")]
    private static partial void LogLeaseLost(ILogger logger, long id);

    [LoggerMessage(Level = LogLevel.Error, EventName = "sink_failed", Message = "Sink {Id} of kind {Kind} failed")]
    private static partial void LogFailed(ILogger logger, string kind, long id, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sink_waits", Message = "Sink {Id} of kind {Kind} is tried again in {Seconds:0.0} s: {Code}")]
    private static partial void LogWaits(ILogger logger, string kind, long id, double seconds, string code);

    [LoggerMessage(Level = LogLevel.Error, EventName = "sink_paused", Message = "Sink {Id} of kind {Kind} is paused until an administrator resumes it: {Reason}")]
    private static partial void LogPaused(ILogger logger, string kind, long id, string reason);
}
