using System.Runtime.InteropServices;

namespace Teahouse.Storage;

/// <summary>Values for a statement's parameters, by their places from 1; after <see cref="SqliteNative.Use"/>. The functions only note the value, so that the garbage collector need not be told of them.</summary>
internal static unsafe partial class SqliteBinds
{
    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_bind_int64")]
    public static partial int Int64(nint statement, int place, long value);

    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_bind_null")]
    public static partial int Null(nint statement, int place);

    /// <summary>A text that stays where it is until the statement has run.</summary>
    public static int StaticText(nint statement, int place, byte* text, int length) => Text(statement, place, text, length, 0);

    // The last argument is what would free the text.
    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_bind_text")]
    private static partial int Text(nint statement, int place, byte* text, int length, nint destructor);
}
