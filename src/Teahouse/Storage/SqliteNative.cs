using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>The SQLite library that comes with the program.</summary>
internal static class SqliteNative
{
    /// <summary>What imports call it.</summary>
    internal const string Library = "e_sqlite3";

    private static readonly Lock Gate = new();
    private static bool _ready;

    /// <summary>Makes it ready. Safe to call any number of times.</summary>
    /// <returns>Its name and version, as <c>SQLite 3.53.4</c>.</returns>
    public static string Use()
    {
        lock (Gate)
        {
            if (!_ready)
            {
                Batteries_V2.Init();
                // No mutex around every call, as a connection here is never used by two threads at once, and no statistics of memory. Refused, and only slower, when the
                // library was begun before.
                _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
                _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
                _ready = true;
            }
        }
        return $"SQLite {raw.sqlite3_libversion().utf8_to_string()}";
    }
}
