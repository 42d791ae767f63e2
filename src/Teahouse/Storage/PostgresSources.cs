using Npgsql;

namespace Teahouse.Storage;

/// <summary>Connections to one PostgreSQL database, in three pools, so that no kind of work can take all the connections of another.</summary>
internal sealed class PostgresSources : IAsyncDisposable
{
    /// <summary>Reads at once.</summary>
    public const int Readers = 16;

    /// <summary>Writes at once, but for those in groups.</summary>
    public const int Writers = 8;

    /// <summary>Groups at once, and rooms that must wait alone.</summary>
    public const int Groups = 8;

    // One snapshot for all statements of a read; and a mistake in one cannot write.
    private const string ReadOptions = @"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on";

    // on: acknowledged is on disk, whatever the server's own setting. A row held for longer than this is a refusal, not a queue without end.
    private const string WriteOptions = @"-c synchronous_commit=on -c default_transaction_isolation=serializable -c lock_timeout=5s";

    // A group looks up a few rows by their keys, however large the tables: plans made while they were small must not read them from end to end when they are not. One plan serves whatever is
    // looked up. Who changes the schema holds up the planning for no longer than the rest.
    private const string GroupOptions =
        @"-c synchronous_commit=on -c default_transaction_isolation=read\ committed -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan"
        + " -c lock_timeout=1s";

    private readonly string _connection;

    public PostgresSources(string connection)
    {
        _connection = connection;
        Reading = Create(ReadOptions, Readers);
        Writing = Create(WriteOptions, Writers);
        Grouping = Create(GroupOptions, Groups);
    }

    public NpgsqlDataSource Reading { get; }

    public NpgsqlDataSource Writing { get; }

    public NpgsqlDataSource Grouping { get; }

    /// <summary>Host and port, for messages.</summary>
    public string Address => new NpgsqlConnectionStringBuilder(_connection) is var builder ? $"{builder.Host}:{builder.Port}" : "";

    /// <summary>A connection of its own that waits as long as it takes: for migrations.</summary>
    public NpgsqlConnection CreatePatient() => new(new NpgsqlConnectionStringBuilder(_connection) { Pooling = false, CommandTimeout = 0, Timeout = 10 }.ConnectionString);

    /// <summary>Forgets connections that are idle: after one was lost, the others most likely are too.</summary>
    public void Clear()
    {
        Reading.Clear();
        Writing.Clear();
        Grouping.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Reading.DisposeAsync();
        await Writing.DisposeAsync();
        await Grouping.DisposeAsync();
    }

    private NpgsqlDataSource Create(string options, int size) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_connection)
    {
        ApplicationName = "teahouse",
        Options = options,
        MaxPoolSize = size,
        Timeout = 5,
        CommandTimeout = 10,
        // The program's statements are constants.
        // Never by itself: after an error the client library (10.0.0) and the server no longer agree on which statements are prepared, and a later answer is read as another's. Groups prepare
        // theirs beforehand.
        MaxAutoPrepare = 0,
        // Nothing is left behind in a session: see PostgresDb.
        NoResetOnClose = true,
        IncludeErrorDetail = false,
    });
}
