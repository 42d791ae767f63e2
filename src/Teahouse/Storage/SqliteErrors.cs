using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>What an error of SQLite means for the work that met it.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int OutOfMemory = 7;
    private const int ReadOnly = 8;
    private const int Io = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;
    private const int ForeignKey = 787;

    /// <summary>The disk is full or failing: not the work's fault, and SQLite may have undone the whole transaction already.</summary>
    public static bool IsOfDisk(this Exception error) => error is SqliteException { SqliteErrorCode: Full or Io or OutOfMemory or Busy or ReadOnly };

    /// <summary>The file can't be read now, or not here: no fault of a statement, which would be one of the program.</summary>
    public static bool IsOfFile(this Exception error) => error.IsOfDisk() || error is SqliteException { SqliteErrorCode: Corrupt or CannotOpen or NotADatabase };

    /// <summary>What a row refers to was deleted.</summary>
    public static bool IsDangling(this SqliteException error) => error.SqliteExtendedErrorCode == ForeignKey;

    /// <summary>In words, without the library's own frame around them.</summary>
    public static string Describe(SqliteException error) => error.Message.Split('\'') is [_, { Length: > 0 } words, ..] ? words : error.Message.ReplaceLineEndings(" ");
}
