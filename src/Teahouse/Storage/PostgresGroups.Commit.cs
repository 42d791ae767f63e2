using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>How one group is committed.</summary>
internal sealed partial class PostgresGroups<TItem, TResult>
{
    private const int MaxTries = 8;

    /// <summary>How long a group waits for a row that somebody holds, before its lanes go apart; and how long a lane that is apart waits, a try.</summary>
    private const string ShortWait = "50ms";
    private const string LongWait = "1s";

    /// <summary>Who has waited so long for a row is refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    // Every group begins with it: see PostgresDb.HoldAlone.
    private const string Begin = "SELECT set_config('lock_timeout', @wait, TRUE), pg_advisory_xact_lock_shared(7310027302)";

    // The client library would look for the parameters' names in every statement of every group. By reference: each text is a constant.
    private static readonly ConcurrentDictionary<string, string> Numbered = new(ReferenceEqualityComparer.Instance);

    private async Task<Commit> CommitAsync(Group group)
    {
        var items = group.Parts.SelectMany(part => part.Items).ToList();
        if (!kind.CanJoin(items[0].Item))
        {
            await CommitAloneAsync(items[0]);
            return default;
        }
        for (var tries = 1; ; tries++)
        {
            var attempt = new Attempt();
            try
            {
                return new(new CommittedGroup<TItem, TResult>(kind, items, await CommitTogetherAsync(items, group.IsApart ? LongWait : ShortWait, attempt)));
            }
            catch (Exception e) when (e.IsLockTimeout())
            {
                return new(null, IsHeld: RefuseLate(group.Parts, e));
            }
            catch (Exception e) when (e.IsCollision() && tries < (e.IsDangling() ? 2 : MaxTries))
            {
                // Undone, nothing else: the same again.
            }
            catch (Exception e) when (e.IsLost() && tries == 1 && attempt.Outcome == Outcome.NotBegun)
            {
                // The database was started again, and this connection was of before: nothing was done, and a new one may be had by now.
                sources.Clear();
            }
            catch (Exception e) when (e.IsLost())
            {
                sources.Clear();
                Fail(items, db.Unavailable(e));
                return default;
            }
            catch (Exception e) when (e.IsBusy())
            {
                Fail(items, db.Unavailable(e));
                return default;
            }
            catch (PostgresException e) when (items.Count == 1 && e.IsBadText())
            {
                Fail(items, new RefusedException(Refusal.BadText));
                return default;
            }
            catch (PostgresException e) when (items.Count > 1 || e.IsDangling())
            {
                // One of them cannot be done and says so only as an error: each by itself, in order.
                foreach (var pending in items)
                {
                    await CommitAloneAsync(pending);
                }
                return default;
            }
        }
    }

    /// <summary>Refuses those that have waited for too long. Returns true when there are others, which go on waiting.</summary>
    private bool RefuseLate(List<GroupPart<TItem, TResult>> group, Exception reason)
    {
        foreach (var (_, items) in group)
        {
            // The first came first.
            var late = items.TakeWhile(pending => Stopwatch.GetElapsedTime(pending.Since) >= Patience).ToList();
            if (late.Count > 0)
            {
                Fail(late, db.Unavailable(reason));
                items.RemoveRange(0, late.Count);
            }
        }
        return group.Exists(part => part.Items.Count > 0);
    }

    private async Task CommitAloneAsync(GroupItem<TItem, TResult> pending)
    {
        try
        {
            pending.Settle(await db.WaitAndWriteAsync(session => kind.ExecuteAsync(session, pending.Item), CancellationToken.None, isOfMany: true));
        }
#pragma warning disable CA1031 // Whatever it is belongs to its caller.
        catch (Exception e)
#pragma warning restore CA1031
        {
            pending.Settle(e);
        }
    }

    /// <summary>Returns what became of each.</summary>
    private async Task<GroupOutcome<TResult>?[]> CommitTogetherAsync(List<GroupItem<TItem, TResult>> pending, string wait, Attempt attempt)
    {
        var items = pending.ConvertAll(each => each.Item);
        var outcomes = new GroupOutcome<TResult>?[items.Count];
        var began = Stopwatch.GetTimestamp();
        await using (var connection = await sources.Grouping.OpenConnectionAsync(CancellationToken.None))
        {
            attempt.Outcome = Outcome.NotBegun;
            // One batch is one transaction, which ends with it; each statement in it has its own snapshot, taken after the rows before it were locked.
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(Command(new GroupStatement(Begin, ("wait", wait))));
            foreach (var statement in kind.Write(items))
            {
                batch.BatchCommands.Add(Command(statement));
            }
            await PrepareAsync(batch);
            await using var reader = await BeginAsync(batch, attempt);
            do
            {
                var isAnswer = reader.FieldCount > 0 && reader.GetName(0) == "item";
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    if (isAnswer)
                    {
                        var outcome = kind.Read(reader, items);
                        outcomes[outcome.Index] = outcome;
                    }
                }
            } while (await reader.NextResultAsync(CancellationToken.None));
        }
        db.Committed?.Invoke(items.Count, Stopwatch.GetElapsedTime(began));
        return outcomes;
    }

    private static async Task<NpgsqlDataReader> BeginAsync(NpgsqlBatch batch, Attempt attempt)
    {
        attempt.Outcome = Outcome.Unknown;
        try
        {
            return await batch.ExecuteReaderAsync(CancellationToken.None);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.AdminShutdown)
        {
            // Said in the place of the first statement's answer: what the server says comes in order, and the commit is after the last.
            attempt.Outcome = Outcome.NotBegun;
            throw;
        }
    }

    /// <summary>To plan the statements costs PostgreSQL as much as to carry them out: so once on each connection, in a round trip of its own, which no error of theirs can undo.</summary>
    private async Task PrepareAsync(NpgsqlBatch batch)
    {
        try
        {
            await batch.PrepareAsync(CancellationToken.None);
        }
        catch
        {
            // What this connection has prepared by now is not known well enough: it is closed with its return.
            sources.Grouping.Clear();
            throw;
        }
    }

    private static NpgsqlBatchCommand Command(GroupStatement statement)
    {
#pragma warning disable CA2100 // Constants (see GroupStatement), with numbers for names.
        var command = new NpgsqlBatchCommand(Numbered.GetOrAdd(statement.Sql, static (sql, parameters) => WithNumbers(sql, parameters), statement.Parameters));
#pragma warning restore CA2100
        foreach (var (_, value) in statement.Parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        return command;
    }

    private static string WithNumbers(string sql, IReadOnlyList<(string Name, object Value)> parameters)
    {
        var places = Enumerable.Range(1, parameters.Count).ToDictionary(place => parameters[place - 1].Name);
        return Name().Replace(sql, name => string.Create(CultureInfo.InvariantCulture, $"${places[name.Groups[1].Value]}"));
    }

    [GeneratedRegex("@([A-Za-z]+)")]
    private static partial Regex Name();

    private static void Fail(IEnumerable<GroupItem<TItem, TResult>> items, Exception error)
    {
        foreach (var pending in items)
        {
            pending.Settle(error);
        }
    }

    /// <summary>How far one attempt to commit a group came.</summary>
    private sealed class Attempt
    {
        public Outcome Outcome { get; set; }
    }

    private enum Outcome
    {
        /// <summary>There was no connection to be had.</summary>
        NoConnection,

        /// <summary>Surely nothing was committed.</summary>
        NotBegun,

        /// <summary>It may be committed or not.</summary>
        Unknown,
    }

    /// <summary>What became of a group: whoever is not of <paramref name="Group"/> has an answer, or waits on.</summary>
    /// <param name="Group">What was done together.</param>
    /// <param name="IsHeld">Somebody holds a row: nothing was done, and everything is to be tried again.</param>
    private readonly record struct Commit(CommittedGroup<TItem, TResult>? Group, bool IsHeld = false);
}
