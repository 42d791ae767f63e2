namespace Teahouse;

/// <summary>Work in the background that is looked at again and again, when it is woken and now and then by itself, and that nothing ends but the program's stop: whatever a turn meets (the database
/// is away, full or damaged, an error of the program) is logged, and another turn comes. A fault of one side table must not end the server.</summary>
/// <param name="look">The wait after a turn that was refused, and the first after one that failed; each further one is twice as long, up to a minute.</param>
/// <param name="log">The derived class's.</param>
internal abstract partial class SteadyLoop(TimeSpan look, ILogger log) : BackgroundService
{
    /// <summary>The longest wait, after failures and where nothing is known to be due.</summary>
    protected static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private int _failures;

    /// <summary>Has the next turn begin at once.</summary>
    protected WakeUp Woken { get; } = new();

    protected ILogger Log => log;

    public override void Dispose()
    {
        Woken.Dispose();
        base.Dispose();
    }

    /// <summary>Does what is due; returns how long nothing more will be, unless the loop is woken.</summary>
    protected abstract Task<TimeSpan> TurnAsync(CancellationToken ct);

    /// <summary>Before the first turn.</summary>
    protected virtual void Begin()
    {
    }

    /// <summary>After the last one.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Begin();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TurnAndWaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what is not done waits for the next one.
        }
        finally
        {
            await EndAsync();
        }
    }

    private async Task TurnAndWaitAsync(CancellationToken ct)
    {
        try
        {
            var wait = await TurnAsync(ct);
            _failures = 0;
            await Woken.WaitAsync(wait, ct);
        }
        catch (RefusedException e)
        {
            // The database is away, or full: it is asked again.
            LogSkipped(log, e.Refusal.Code);
            await Woken.WaitAsync(look, ct);
        }
#pragma warning disable CA1031 // See above: the loop lives on.
        catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
            var wait = look * Math.Pow(2, Math.Min(_failures++, 6));
            // Not woken: each failure is a line, with all it has to say.
            await Task.Delay(wait < LongestSleep ? wait : LongestSleep, ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "turn_skipped", Message = "What is due could not be looked at now: {Code}")]
    private static partial void LogSkipped(ILogger logger, string code);

    [LoggerMessage(Level = LogLevel.Error, EventName = "turn_failed", Message = "What is due could not be done; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
