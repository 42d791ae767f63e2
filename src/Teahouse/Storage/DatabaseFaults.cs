using Microsoft.Data.Sqlite;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>Another process owns the database file.</summary>
public sealed class DatabaseInUseException(Exception inner)
    : Exception("Another Teahouse process owns this database (DATABASE_URL). Stop it, or give this one its own DATA_DIR.", inner);

/// <summary>The database's file can't be used: it is none of SQLite's, or it can't be made, read or written.</summary>
public sealed class DatabaseUnusableException(string path, Exception inner) : Exception($"{path}: {Describe(inner)}", inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong, in one line.</summary>
    public string Reason { get; } = Describe(inner);

    private static string Describe(Exception inner) => inner is SqliteException e ? SqliteErrors.Describe(e) : inner.Message.ReplaceLineEndings(" ");
}

/// <summary>The database of <c>DATABASE_URL</c> could not be opened; the message is one line for the person who starts the program.</summary>
public sealed class DatabaseUnreachableException(string address, Exception inner) : Exception(Describe(address, inner), inner)
{
    private static string Describe(string address, Exception inner) => inner switch
    {
        PostgresException e => $"DATABASE_URL: the database at {address} refused: {e.MessageText}",
        { InnerException: { } cause } => $"DATABASE_URL: the database at {address} can't be reached: {cause.Message.ReplaceLineEndings(" ")}",
        _ => $"DATABASE_URL: the database at {address} can't be reached: {inner.Message.ReplaceLineEndings(" ")}",
    };
}
