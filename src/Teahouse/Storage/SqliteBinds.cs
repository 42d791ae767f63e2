using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>Values for a statement's parameters, by their places from 1; after <see cref="SqliteNative.Use"/>. The functions imported here only note the value, so that the garbage collector need not
/// be told of them.</summary>
internal static unsafe partial class SqliteBinds
{
    /// <summary>Texts up to this many bytes are encoded on the stack.</summary>
    private const int ShortText = 512;

    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_bind_int64")]
    public static partial int Int64(nint statement, int place, long value);

    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_bind_null")]
    public static partial int Null(nint statement, int place);

    /// <summary>A text that stays where it is until the statement has run.</summary>
    public static int StaticText(nint statement, int place, byte* text, int length) => Text(statement, place, text, length, 0);

    /// <summary>A text that the library copies.</summary>
    public static int Text(sqlite3_stmt statement, int place, string text)
    {
        if (text.Length == 0)
        {
            // No bytes at no address would be NULL; this overload has an address.
            return raw.sqlite3_bind_text(statement, place, text);
        }
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > ShortText ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[ShortText];
        var code = raw.sqlite3_bind_text(statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        return code;
    }

    /// <summary>Throws what the client library's commands would.</summary>
    /// <exception cref="SqliteException">The code is an error.</exception>
    public static void Check(sqlite3 connection, int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, connection);
        }
    }

    // The last argument is what would free the text.
    [SuppressGCTransition]
    [LibraryImport(SqliteNative.Library, EntryPoint = "sqlite3_bind_text")]
    private static partial int Text(nint statement, int place, byte* text, int length, nint destructor);
}
