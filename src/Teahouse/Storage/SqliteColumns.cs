using System.Runtime.InteropServices;
using System.Text;

namespace Teahouse.Storage;

/// <summary>Values of the row at which a statement stands; after <see cref="SqliteNative.Use"/>. The functions only look into the row, so that the garbage collector need not be told of them.</summary>
internal static unsafe partial class SqliteColumns
{
    private const int NullType = 5;

    public static bool IsNull(nint statement, int column) => TypeOf(statement, column) == NullType;

    /// <summary>0 for null.</summary>
    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_column_int64")]
    public static partial long Int64(nint statement, int column);

    public static string? Text(nint statement, int column)
    {
        // In this order: asking for the text makes it one, and then its length is known.
        var text = TextOf(statement, column);
        return text is null ? null : Encoding.UTF8.GetString(text, LengthOf(statement, column));
    }

    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_column_type")]
    private static partial int TypeOf(nint statement, int column);

    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_column_text")]
    private static partial byte* TextOf(nint statement, int column);

    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_column_bytes")]
    private static partial int LengthOf(nint statement, int column);
}
