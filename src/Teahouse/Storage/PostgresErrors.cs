using System.Net.Sockets;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>What an error of PostgreSQL, or of the way to it, means for the work that met it.</summary>
internal static class PostgresErrors
{
    /// <summary>Two transactions that cannot both be as if alone (also where a key shows it first, or one waits for the other): undone, and worth another try.</summary>
    public static bool IsCollision(this Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation,
    };

    /// <summary>Of the collisions the one that may never pass: what a row refers to was deleted, and may have been so for good.</summary>
    public static bool IsDangling(this Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation };

    /// <summary>Somebody holds a row for longer than one wants to wait.</summary>
    public static bool IsLockTimeout(this Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>A text holds U+0000, which this database cannot store.</summary>
    public static bool IsBadText(this Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter };

    /// <summary>The connection is gone or could not be made: what was not committed yet is undone.</summary>
    public static bool IsLost(this Exception error) => error switch
    {
        PostgresException { SqlState: var state } =>
            // 08: connection exceptions. The others: the server is told to stop, or starts.
            state.StartsWith("08", StringComparison.Ordinal)
            || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.IdleSessionTimeout,
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException or EndOfStreamException } => true,
        // A connection that broke a moment before: the library says so before it has looked for the cause.
        NpgsqlException { InnerException: null } or InvalidOperationException { Source: "Npgsql" } or ObjectDisposedException { Source: "Npgsql" } => true,
        SocketException or TimeoutException or IOException => true,
        _ => false,
    };

    /// <summary>The database is there but takes nothing now: too many connections, no memory or disk, a replica, or it waited too long.</summary>
    public static bool IsBusy(this Exception error) => error is PostgresException { SqlState: var state }
        && (state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal)
            || state is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DiskFull or PostgresErrorCodes.LockNotAvailable);
}
