using System.Data;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>How one write becomes a serializable transaction, however often it takes.</summary>
internal sealed partial class PostgresDb
{
    /// <summary>Tries of a write that collides.</summary>
    private const int MaxTries = 12;

    /// <summary>Tries of a write that refers to what is gone.</summary>
    private const int MaxTriesDangling = 3;

    /// <summary>After so many a write keeps groups, with which it collides most in a lively room, and other writes that have collided out for as long as it takes.</summary>
    private const int TriesBeforeAlone = 4;

    // One lock, held shared by groups and by writes that collided once, alone by a write that got nowhere. For the session, since a transaction's snapshot must be younger than the lock.
    private const string HoldShared = "SELECT pg_advisory_lock_shared(7310027302)";
    private const string ReleaseShared = "SELECT pg_advisory_unlock_shared(7310027302)";
    private const string HoldAlone = "SELECT pg_advisory_lock(7310027302)";
    private const string ReleaseAlone = "SELECT pg_advisory_unlock(7310027302)";

    // Writes that have collided and are not done yet.
    private int _colliding;

    private async Task<T> TryWriteAsync<T>(Func<DbSession, Task<T>> write, bool isOfMany)
    {
        var reconnects = 0;
        var hasCollided = false;
        try
        {
            for (var tries = 1; ; tries++)
            {
                var progress = new WriteProgress();
                try
                {
                    return await WriteOnceAsync(write, tries, isOfMany, progress);
                }
                catch (Exception e) when (e.IsCollision() && tries < (e.IsDangling() ? MaxTriesDangling : MaxTries))
                {
                    if (!hasCollided)
                    {
                        hasCollided = true;
                        Interlocked.Increment(ref _colliding);
                    }
                    // Those that collided must not do so again in step.
                    await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * 2 * tries), CancellationToken.None);
                }
                catch (Exception e) when (e.IsLost())
                {
                    _sources.Clear();
                    // Lost in the commit itself, nobody knows what became of it: done again it might be done twice.
                    if (progress.IsCommitting || ++reconnects > MaxReconnects)
                    {
                        throw Unavailable(e);
                    }
                }
                catch (Exception e) when (e.IsBusy() || e is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected })
                {
                    throw Unavailable(e);
                }
                catch (PostgresException e) when (e.IsBadText())
                {
                    throw new RefusedException(Refusal.BadText);
                }
                catch (PostgresException e) when (e.IsDangling())
                {
                    // The author's account, most likely.
                    throw new RefusedException(Refusal.NoSuchUser);
                }
            }
        }
        finally
        {
            if (hasCollided)
            {
                Interlocked.Decrement(ref _colliding);
            }
        }
    }

    private async Task<T> WriteOnceAsync<T>(Func<DbSession, Task<T>> write, int tries, bool isOfMany, WriteProgress progress)
    {
        await using var connection = await _sources.Writing.OpenConnectionAsync(CancellationToken.None);
        // Who comes new must not overtake, again and again, one that waits to be alone, here or on another node.
        if (tries == 1 && !isOfMany && Volatile.Read(ref _colliding) == 0)
        {
            return await RunAsync(connection, write, progress);
        }
        var isAlone = tries > TriesBeforeAlone;
        await ExecuteAsync(connection, isAlone ? HoldAlone : HoldShared);
        try
        {
            return await RunAsync(connection, write, progress);
        }
        finally
        {
            await ReleaseAsync(connection, isAlone ? ReleaseAlone : ReleaseShared);
        }
    }

    private static async Task<T> RunAsync<T>(NpgsqlConnection connection, Func<DbSession, Task<T>> write, WriteProgress progress)
    {
        // Not disposed of: that would close the connection, which may hold a lock still.
        var statements = new StatementCache(connection, keeps: false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, CancellationToken.None);
        var session = new DbSession(statements, transaction, CancellationToken.None);
        var result = await write(session);
        progress.IsCommitting = true;
        await transaction.CommitAsync(CancellationToken.None);
        session.RunAfterCommit();
        return result;
    }

    private static async Task ReleaseAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            if (connection.FullState == ConnectionState.Open)
            {
                await ExecuteAsync(connection, sql);
            }
        }
        catch (Exception e) when (e.IsLost())
        {
            // Broken, it has let go already; and what the write came to stands.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>How far one try got.</summary>
    private sealed class WriteProgress
    {
        public bool IsCommitting { get; set; }
    }
}
