using Microsoft.Extensions.DependencyInjection;
using Teahouse.Storage;

[assembly: AssemblyFixture(typeof(Teahouse.Tests.Support.TestDatabase))]

namespace Teahouse.Tests.Support;

/// <summary>Which database the tests run on: SQLite, or with <c>TEST_DATABASE=postgres</c> a PostgreSQL server started for the whole run. Each server of a test has a database of its own.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>In a data directory: the address of the database that belongs to it.</summary>
    private const string AddressFile = "test-database";

    /// <summary>In a data directory: the database of SQLite.</summary>
    private const string DatabaseFile = "teahouse.db";

    private static readonly SemaphoreSlim Gate = new(1);
    private static PostgresCluster? _cluster;
    private static string? _template;
    private static byte[]? _file;

    /// <summary>The tests run on PostgreSQL, but for those that are about SQLite.</summary>
    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("TEST_DATABASE") == "postgres";

    /// <summary>The run's PostgreSQL server, started by whoever asks first.</summary>
    public static async Task<PostgresCluster> ClusterAsync()
    {
        await Gate.WaitAsync();
        try
        {
            return _cluster ??= await PostgresCluster.StartAsync();
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>A data directory of its own, on SQLite with a database in it that is migrated already and has no history yet.</summary>
    public static async Task<string> MakeDirectoryAsync()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        if (!IsPostgres)
        {
            await Gate.WaitAsync();
            try
            {
                _file ??= await MakeFileAsync();
            }
            finally
            {
                Gate.Release();
            }
            var file = Path.Combine(directory, DatabaseFile);
            PrivateFiles.CreateFile(file);
            await File.WriteAllBytesAsync(file, _file);
        }
        return directory;
    }

    /// <summary>The address of a new database, migrated already.</summary>
    public static async Task<string> CreateAsync()
    {
        var cluster = await ClusterAsync();
        await Gate.WaitAsync();
        try
        {
            _template ??= await MakeTemplateAsync(cluster);
            return cluster.UrlOf(await cluster.CreateDatabaseAsync(_template));
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Removes a database of <see cref="CreateAsync"/>.</summary>
    public static async Task RemoveAsync(string url) => await (await ClusterAsync()).DropDatabaseAsync(url[(url.LastIndexOf('/') + 1)..]);

    /// <summary>The setting of the database that belongs to a data directory, made when there is none yet; nothing on SQLite.</summary>
    public static async Task<IReadOnlyList<(string Name, string Value)>> SettingsForAsync(string dataDirectory)
    {
        if (!IsPostgres)
        {
            return [];
        }
        var file = Path.Combine(dataDirectory, AddressFile);
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(dataDirectory);
            await File.WriteAllTextAsync(file, await CreateAsync());
        }
        return [("DATABASE_URL", await File.ReadAllTextAsync(file))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    private static async Task<string> MakeTemplateAsync(PostgresCluster cluster)
    {
        var name = await cluster.CreateDatabaseAsync();
        await using (var app = Server.BuildParts([new("DATABASE_URL", cluster.UrlOf(name)), new("Logging:LogLevel:Default", "Warning")]))
        {
            await app.Services.GetRequiredService<Db>().OpenAsync(CancellationToken.None);
        }
        return name;
    }

    private static async Task<byte[]> MakeFileAsync()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            await using (var app = Server.BuildParts([new("DATA_DIR", directory), new("Logging:LogLevel:Default", "Warning")]))
            {
                var db = app.Services.GetRequiredService<Db>();
                await db.OpenAsync(CancellationToken.None);
                // Each server's history gets its own name and set-up code when it opens its copy.
                await db.WriteAsync(session => session.ExecuteAsync("DELETE FROM meta WHERE name IN ('epoch', 'setup_code')", new { }), CancellationToken.None);
            }
            return await File.ReadAllBytesAsync(Path.Combine(directory, DatabaseFile));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
