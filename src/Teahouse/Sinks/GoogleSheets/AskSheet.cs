namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Tests a sheet, and tells whose key file the server has, where that can be known: in this process when it delivers to sheets, else by a worker, which alone has the key and reaches outwards.
/// Thread-safe.</summary>
internal sealed class AskSheet(TestSheet test, SheetErrandStore errands, SinkQueries queries, IEnumerable<ISinkTarget> targets, TimeProvider clock)
{
    /// <summary>A test is a handful of calls; one that Google lets wait longer is told as not answered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private static readonly SinkReason NoWorker = new("no_worker");

    private readonly bool _isWorker = targets.Any();

    /// <summary>Returns null when a line could be written to the sheet, else why not.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchSink"/>.</exception>
    public async Task<SinkReason?> TestAsync(Caller caller, long id, CancellationToken ct)
    {
        ManageSinks.Require(caller);
        if (await queries.FindAsync(id, ct) is not { Kind: SheetTarget.SheetKind })
        {
            throw new RefusedException(Refusal.NoSuchSink);
        }
        return (await AskAsync(id, ct)).Reason is { } reason ? SinkReason.Parse(reason) : null;
    }

    /// <summary>The address of the account whose key file the server has.</summary>
    /// <exception cref="GoogleException">It has none, or no worker answers.</exception>
    public async Task<string> FindServerAccountAsync(CancellationToken ct)
    {
        var answer = await AskAsync(null, ct);
        return answer.Email ?? throw new GoogleException(SinkReason.Parse(answer.Reason ?? NoWorker.Code), isLasting: true);
    }

    private async Task<SheetAnswer> AskAsync(long? sinkId, CancellationToken ct)
    {
        if (_isWorker)
        {
            return await test.AnswerAsync(sinkId, ct);
        }
        var (id, began) = (await errands.AddAsync(sinkId, ct), clock.GetTimestamp());
        try
        {
            while (clock.GetElapsedTime(began) < Patience)
            {
                if (await errands.FindAnswerAsync(id, ct) is { } answer)
                {
                    return answer;
                }
                await Task.Delay(Look, ct);
            }
            return new SheetAnswer(null, NoWorker.Code);
        }
        finally
        {
            await errands.EndAsync(id, CancellationToken.None);
        }
    }
}
