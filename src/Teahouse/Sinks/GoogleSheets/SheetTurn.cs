using Teahouse.Web;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>One turn of a sheet sink. The last id found in the tab is the true cursor; what comes next is written to its computed place, so that a repeat covers itself. Before a call its rows are written
/// down: whoever repeats it, after a failure or another process's death, writes the same ids to the same rows, and it does not matter when the first one arrives. Afterwards the ids are looked at
/// once more, in case somebody has moved rows in that very moment (<see cref="SheetLedger"/>).</summary>
internal sealed partial class SheetTurn(Sheet sheet, SheetState state, SinkTurn turn, SinkLog log, Settings settings, TimeProvider clock, ILogger logger)
{
    /// <summary>Google gives up a call itself after three minutes; some more for what is between.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(200);

    /// <summary>After the last rows were written, they are looked at when nothing new has come for so long.</summary>
    private static readonly TimeSpan CompareAfter = TimeSpan.FromSeconds(10);

    /// <summary>…and at the latest after so long, or so many rows.</summary>
    private static readonly TimeSpan CompareAtLatest = TimeSpan.FromMinutes(1);
    private const int CompareRows = 10_000;

    /// <summary>Rows that are gone again by the first look after their call were never stored; later, a person has deleted them.</summary>
    private static readonly TimeSpan LostWithin = TimeSpan.FromMinutes(10);

    /// <summary>While calls follow each other this closely, each is written behind the last without a look in between.</summary>
    private static readonly TimeSpan InARow = TimeSpan.FromSeconds(10);

    /// <summary>A request larger than this takes Google too long.</summary>
    private const int MaxBytes = 2_000_000;

    private SheetProgress _progress = SheetProgress.Parse(turn.Sink.Progress);

    private bool IsSuspect => _progress.SuspectUntil > clock.GetUtcNow() - CompareAfter;

    public async Task<SinkResult> RunAsync(CancellationToken ct)
    {
        var tail = new SheetTail(sheet, state, log);
        var now = clock.GetUtcNow();
        if (state.Ledger is { Count: > 0 } && (turn.Messages.Count == 0 || state.Ledger.Count >= CompareRows || now - state.ComparedAt > CompareAtLatest))
        {
            if (await tail.CompareAsync(IsSuspect, ct) is { } damage)
            {
                return await RepairAsync(damage, tail, ct);
            }
            state.ComparedAt = now;
            _progress = _progress with { Written = null };
        }
        if (state.MustLook || (turn.Messages.Count > 0 && now - state.WrittenAt > InARow))
        {
            var found = await tail.LookAsync(_progress, turn.Sink.CursorId, ct);
            if (state.Ledger is null)
            {
                state.Ledger = new SheetLedger();
                state.Ledger.Begin(tail.Found);
                state.ComparedAt = now;
            }
            state.MustLook = false;
            if (_progress.Pending is { } unknown && found < unknown.Ids[^1])
            {
                // It has not arrived; it may yet.
                var until = unknown.SentAt + LongestCall;
                _progress = _progress with { SuspectUntil = _progress.SuspectUntil > until ? _progress.SuspectUntil : until };
            }
            if (found > turn.Sink.CursorId)
            {
                var arrived = _progress.Pending is { } pending && pending.Ids[^1] == found ? pending.Ids.Count : turn.Messages.Count(each => each.Message.Id <= found);
                _progress = _progress with { Pending = null, Written = null };
                return End(found, arrived);
            }
            TakeUpLost(tail.Found, now);
        }
        if (turn.Messages.Count == 0 && _progress.Pending is null)
        {
            return End(turn.Through, 0);
        }
        return await WriteAsync(ct);
    }

    /// <summary>The last call is made again when the tab ends just where it was to begin, and nothing of it stands there: Google said that it is done, and has not kept it.</summary>
    private void TakeUpLost(IReadOnlyList<Placed> found, DateTimeOffset now)
    {
        if (_progress is { Written: { } written, Pending: null } && written.Tab == state.Tab && state.LastRow == written.Row - 1 && now - written.SentAt < LostWithin
            && !found.Any(each => written.Ids.Contains(each.Id)))
        {
            LogLost(logger, turn.Sink.Id, written.Ids.Count);
            _progress = _progress with { Pending = written };
        }
        _progress = _progress with { Written = null };
    }

    private async Task<SinkResult> WriteAsync(CancellationToken ct)
    {
        var lines = _progress.Pending is { } before ? await LinesAsync(before.Ids, ct) : Lines();
        var (tab, fitting) = await new SheetGrid(sheet, state).MakeRoomAsync(lines.Count, turn.IsEnd, ct);
        lines = lines[..fitting];
        var ids = lines.Select(line => line.Id ?? 0).ToArray();
        _progress = _progress with { Tab = tab.Title, Row = state.LastRow, Pending = new PendingRows { Tab = tab.Title, Row = state.LastRow + 1, Ids = ids, SentAt = clock.GetUtcNow() } };
        var text = _progress.ToString();
        await turn.SaveProgressAsync(text);
        state.Saved = text;
        await sheet.UpdateAsync(tab.Title, state.LastRow + 1, lines, ct);

        // Not null: RunAsync has looked.
        state.Ledger!.Add(state.LastRow + 1, ids);
        state.LastRow += ids.Length;
        _progress = _progress with { Row = state.LastRow, Pending = null, Written = _progress.Pending };
        if (ids[^1] <= turn.Sink.CursorId)
        {
            // Counted already, when Google said that it had them.
            state.WrittenAt = DateTimeOffset.MinValue;
            return End(turn.Sink.CursorId, 0) with { DueAt = clock.GetUtcNow() + CompareAfter };
        }
        // The next call may follow without a look when this one was full: then it follows at once.
        state.WrittenAt = turn.IsEnd ? DateTimeOffset.MinValue : clock.GetUtcNow();
        var isAll = ids.Length == turn.Messages.Count && turn.Messages[^1].Message.Id == ids[^1];
        return End(isAll ? turn.Through : ids[^1], ids.Length);
    }

    private SinkResult End(long upTo, int count)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? dueAt = count > 0 ? now + CompareAfter : null;
        if (_progress.SuspectUntil is { } until)
        {
            if (until > now)
            {
                dueAt ??= until;
            }
            else if (count == 0)
            {
                _progress = _progress with { SuspectUntil = null };
            }
        }
        var text = (_progress with { Tab = state.Tab, Row = state.LastRow }).ToString();
        state.Saved = text;
        return SinkResult.Delivered(upTo, count) with { Progress = text, DueAt = dueAt };
    }

    /// <summary>As many of the turn's messages as one call takes.</summary>
    private List<SheetLine> Lines()
    {
        List<SheetLine> lines = [];
        var bytes = 0;
        foreach (var line in turn.Messages.Select(each => SheetLine.Of(each, settings.TimeZone)))
        {
            bytes += line.Bytes;
            if (lines.Count > 0 && bytes > MaxBytes)
            {
                break;
            }
            lines.Add(line);
        }
        return lines;
    }

    /// <summary>The rows of these messages; of those whose room was deleted meanwhile too: every row keeps its meaning.</summary>
    private async Task<List<SheetLine>> LinesAsync(IReadOnlyList<long> ids, CancellationToken ct)
    {
        var there = (await log.ListAsync(ids, ct)).ToDictionary(each => each.Message.Id);
        return [.. ids.Select(id => there.TryGetValue(id, out var message) ? SheetLine.Of(message, settings.TimeZone) : SheetLine.Gone(id))];
    }

    /// <summary>Puts the messages from the damage on into the rows that are ours there, and behind the last one. What is no longer needed is emptied.</summary>
    private async Task<SinkResult> RepairAsync(Damage damage, SheetTail tail, CancellationToken ct)
    {
        LogRepair(logger, turn.Sink.Id, damage.Ids.Count);
        state.MustLook = true;
        await tail.LookAsync(_progress, turn.Sink.CursorId, ct);
        var lines = await LinesAsync(damage.Ids, ct);
        List<long> rows = [.. damage.Rows];
        while (lines.Count < rows.Count)
        {
            lines.Add(SheetLine.Empty);
        }
        if (lines.Count > rows.Count)
        {
            var (_, fitting) = await new SheetGrid(sheet, state).MakeRoomAsync(lines.Count - rows.Count, isEnd: true, ct);
            rows.AddRange(Enumerable.Range(1, fitting).Select(i => state.LastRow + i));
        }
        for (var begin = 0; begin < rows.Count;)
        {
            var end = begin + 1;
            while (end < rows.Count && rows[end] == rows[end - 1] + 1 && end - begin < settings.Google.RowsPerCall)
            {
                end++;
            }
            await sheet.UpdateAsync(state.Tab, rows[begin], lines[begin..end], ct);
            begin = end;
        }
        // The next turn looks whether all is well now.
        _progress = _progress with { Written = null };
        state.Ledger!.Begin([.. state.Ledger.Placed.Where(each => each.Id < damage.Ids[0]), .. rows.Zip(damage.Ids, (row, id) => new Placed(row, id))]);
        var text = _progress.ToString();
        state.Saved = text;
        return SinkResult.Delivered(turn.Sink.CursorId, 0) with { Progress = text, DueAt = clock.GetUtcNow() + CompareAfter };
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sheet_repaired", Message = "Sink {Id}: rows that were just written were moved or are not there; the last {Count} are written again")]
    private static partial void LogRepair(ILogger logger, long id, int count);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sheet_rows_lost", Message = "Sink {Id}: Google has not kept {Count} rows that it acknowledged; they are written again")]
    private static partial void LogLost(ILogger logger, long id, int count);
}
