using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>A <see cref="HotInsert"/> on one connection: rows go in by the power of two, as each statement opens its tables and indexes anew, which costs as much as a row. Used in turns of
/// <see cref="Begin"/>, the values of so many rows in their order, and <see cref="Execute"/>. Not thread-safe.</summary>
internal sealed unsafe class SqliteInsert : IDisposable
{
    /// <summary>Most rows of one statement: past it, what a statement costs by itself is shared by so many that more would not show.</summary>
    private const int MaxRows = 32;

    /// <summary>Bytes of texts that a statement reads where they are; what does not fit is copied by the library.</summary>
    private const int TextRoom = 64 * 1024;

    private readonly sqlite3 _connection;
    private readonly HotInsert _insert;

    // By the logarithm of their rows; prepared when first needed.
    private readonly sqlite3_stmt?[] _statements = new sqlite3_stmt?[BitOperations.Log2(MaxRows) + 1];

    // Never moved: the library keeps addresses in it from a value's binding until the statement has run.
    private readonly byte[] _texts = GC.AllocateUninitializedArray<byte>(TextRoom, pinned: true);
    private int _used;

    private sqlite3_stmt? _current;
    private nint _handle;
    private int _rows;
    private int _place;

    /// <param name="connection">Outlives it.</param>
    /// <param name="insert">Constant text.</param>
    public SqliteInsert(sqlite3 connection, HotInsert insert)
    {
        _connection = connection;
        _insert = insert;
    }

    /// <summary>The id of the row inserted last; those of one statement follow one another.</summary>
    public long LastId => raw.sqlite3_last_insert_rowid(_connection);

    private sqlite3_stmt Current => _current ?? throw new InvalidOperationException("Nothing was begun.");

    /// <summary>Begins a statement and returns how many rows it takes, which is no more than <paramref name="rows"/>.</summary>
    public int Begin(int rows)
    {
        var size = BitOperations.Log2((uint)Math.Min(rows, MaxRows));
        _current = _statements[size] ??= Prepare(1 << size);
        _handle = _current.DangerousGetHandle();
        (_rows, _place, _used) = (1 << size, 0, 0);
        return _rows;
    }

    public void Add(long value) => Check(SqliteBinds.Int64(_handle, ++_place, value));

    public void Add(bool value) => Add(value ? 1 : 0);

    public void Add(long? value) => Check(value is { } number ? SqliteBinds.Int64(_handle, ++_place, number) : SqliteBinds.Null(_handle, ++_place));

    public void Add(string? value)
    {
        if (value is null)
        {
            Check(SqliteBinds.Null(_handle, ++_place));
            return;
        }
        var rest = _texts.AsSpan(_used);
        if (rest.Length > 0 && Encoding.UTF8.TryGetBytes(value, rest, out var length))
        {
            Check(SqliteBinds.StaticText(_handle, ++_place, (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(rest)), length));
            _used += length;
        }
        else
        {
            Check(SqliteBinds.Text(Current, ++_place, value));
        }
    }

    /// <summary>Inserts the rows whose values were added, and returns how many were.</summary>
    /// <exception cref="SqliteException">As the client library's commands.</exception>
    public int Execute()
    {
        if (_place != _rows * _insert.Values)
        {
            // What is not bound anew keeps what it had, and that may lie where other texts are by now.
            throw new InvalidOperationException($"{_rows} rows of {_insert.Values} values were begun, and {_place} values added.");
        }
        try
        {
            var code = raw.sqlite3_step(Current);
            if (code != raw.SQLITE_DONE)
            {
                Check(code);
            }
            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            _ = raw.sqlite3_reset(Current);
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement?.Dispose();
        }
    }

    private sqlite3_stmt Prepare(int rows)
    {
        Check(raw.sqlite3_prepare_v3(_connection, _insert.Sql(rows), SqliteStatement.Persistent, out var statement));
        return statement;
    }

    private void Check(int code) => SqliteBinds.Check(_connection, code);
}
