using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Teahouse.Tests.Support;

/// <summary>A PostgreSQL server of the tests' own: a new directory, a free port, everything synced. It ends with the process of the tests, however that ends.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    // A sign that must be percent-encoded in an address.
    private const string Password = "tea/house";

    private const string Listen = "127.0.0.1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory;
    private Process? _process;
    private int _databases;

    private PostgresCluster(DirectoryInfo directory, int port) => (_directory, Port) = (directory, port);

    public int Port { get; }

    /// <summary>Where its Unix socket is.</summary>
    public string SocketDirectory => _directory.FullName;

    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string Data => Path.Combine(_directory.FullName, "data");

    public static async Task<PostgresCluster> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-postgres-");
        var cluster = new PostgresCluster(directory, Ports.Free());
        if (Environment.IsPrivilegedProcess)
        {
            // It refuses to run as root.
            Run("chown", "postgres", directory.FullName);
        }
        var password = Path.Combine(directory.FullName, "password");
        await File.WriteAllTextAsync(password, Password);
        Run([.. AsPostgres, Program("initdb"), "--pgdata", cluster.Data, "--username", "teahouse", "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
        await cluster.StartAgainAsync();
        return cluster;
    }

    /// <summary>An address as in <c>DATABASE_URL</c>.</summary>
    public string UrlOf(string database) => $"postgres://teahouse:{Uri.EscapeDataString(Password)}@{Listen}:{Port}/{database}";

    /// <summary>A new database, empty or a copy of another one.</summary>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"d{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template ?? "template0"}");
        return name;
    }

    public Task DropDatabaseAsync(string name) => ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Runs a statement as an administrator.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = await OpenAsync(database);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A connection past the program.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Listen,
            Port = Port,
            Username = "teahouse",
            Password = Password,
            Database = database,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>SIGKILL of the server: nothing is flushed.</summary>
    public async Task KillAsync()
    {
        var id = ProcessId;
        var children = await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children");
        using (var server = Process.GetProcessById(id))
        {
            server.Kill();
        }
        await StopWaitingAsync();
        // Another one does not start while they use its memory.
        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await Eventually.TrueAsync(() => !Runs(child), patience: Patience);
        }
    }

    /// <summary>Starts it on its directory, and returns when it answers.</summary>
    public async Task StartAgainAsync()
    {
        // The shell ends when its input does, which is when this process ends.
        string[] command =
        [
            .. AsPostgres, "sh", "-c", "\"$@\" 2>>\"$0\" & server=$!; cat >/dev/null; { kill -QUIT $server; wait $server; } 2>/dev/null", Data + ".log",
            Program("postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", $"listen_addresses={Listen}", "-c", $"unix_socket_directories={SocketDirectory}",
            "-c", "max_connections=400", "-c", "fsync=on", "-c", "synchronous_commit=on",
        ];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true })
            ?? throw new InvalidOperationException("PostgreSQL could not be started.");
        await Eventually.TrueAsync(AnswersAsync, () => "PostgreSQL does not answer; see " + _directory.FullName, Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopWaitingAsync();
        _directory.Delete(recursive: true);
    }

    private async Task StopWaitingAsync()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = await OpenAsync("postgres");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static bool Runs(string process)
    {
        try
        {
            // One that has ended stays in the list until somebody has asked how.
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string[] AsPostgres => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];

    /// <summary>A program of the newest version that is installed; Debian keeps them off the path.</summary>
    private static string Program(string name) =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin", name)).Where(File.Exists).Max() ?? name
            : name;

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{command[0]} could not be started.");
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {output}");
    }
}
