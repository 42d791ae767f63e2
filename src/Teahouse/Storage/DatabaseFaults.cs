using Microsoft.Data.Sqlite;

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
