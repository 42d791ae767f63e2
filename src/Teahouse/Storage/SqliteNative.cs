using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>Chooses the SQLite library: the system's when it is newer than the bundled one, which is of 2021 and has
/// since-fixed faults. Also sets the mapping conventions shared by both databases.</summary>
internal static class SqliteNative
{
    /// <summary>What imports call it, whichever it is.</summary>
    internal const string Library = "e_sqlite3";

    private static readonly Lock Gate = new();
    private static bool _ready;

    /// <summary>Version of the library in use, and whose it is. Safe to call any number of times.</summary>
    public static string Use()
    {
        lock (Gate)
        {
            if (!_ready)
            {
                var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
                NativeLibrary.SetDllImportResolver(provider, Resolve);
                NativeLibrary.SetDllImportResolver(typeof(SqliteNative).Assembly, Resolve);
                Batteries_V2.Init();
                // No mutex around every call, as a connection here is never used by two threads at once, and no statistics of memory. Refused, and only slower, when the
                // library was begun before.
                _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
                _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
                _ready = true;
            }
        }
        return $"{Name} ({(_systemHandle != 0 ? "system" : "bundled")})";
    }

    /// <summary>The library in use; after <see cref="Use"/>.</summary>
    public static string Name => $"SQLite {raw.sqlite3_libversion().utf8_to_string()}";

    private static nint _systemHandle;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }
        if (_systemHandle != 0)
        {
            return _systemHandle;
        }
        foreach (var candidate in (string[])["libsqlite3.so.0", "libsqlite3.dylib"])
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                if (IsNewerThanBundled(handle))
                {
                    _systemHandle = handle;
                    return handle;
                }
                NativeLibrary.Free(handle);
            }
        }
        return 0;
    }

    // 3.35.5 is what the bundle holds.
    private static unsafe bool IsNewerThanBundled(nint handle) =>
        NativeLibrary.TryGetExport(handle, "sqlite3_libversion_number", out var export)
        && ((delegate* unmanaged<int>)export)() > 3_035_005;
}
