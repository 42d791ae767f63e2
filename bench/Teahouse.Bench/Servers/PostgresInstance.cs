using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Teahouse.Bench.Load;

namespace Teahouse.Bench.Servers;

/// <summary>A PostgreSQL server of the tool's own, with its defaults, on the server's core and the same disk; gone when disposed of.</summary>
internal sealed class PostgresInstance : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly Process _process;

    private PostgresInstance(DirectoryInfo directory, Process process, int port)
    {
        (_directory, _process) = (directory, process);
        Url = $"postgres://bench@127.0.0.1:{port}/postgres";
    }

    /// <summary>As in <c>DATABASE_URL</c>.</summary>
    public string Url { get; }

    public static async Task<PostgresInstance> StartAsync(Setup setup)
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-bench-");
        if (Environment.IsPrivilegedProcess)
        {
            // It refuses to run as root.
            await RunAsync("chown", "postgres", directory.FullName);
        }
        var data = Path.Combine(directory.FullName, "data");
        await RunAsync([.. AsPostgres, Program("initdb"), "--pgdata", data, "--username", "bench", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
        var port = Ports.Free();
        // The shell ends when its input does, and the server with it.
        var command = setup.Pinned([.. AsPostgres, "sh", "-c", "\"$@\" 2>>\"$0\" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server", data + ".log",
            Program("postgres"), "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={directory.FullName}"]);
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true }) ?? throw new IOException("PostgreSQL could not be started.");
        var instance = new PostgresInstance(directory, process, port);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await instance.AnswersAsync())
        {
            await Task.Delay(50, patience.Token);
        }
        return instance;
    }

    /// <summary>What it has done so far. A session that has ended meanwhile is not counted, so that only differences are to be believed, of times in which the sessions stay.</summary>
    public async Task<PostgresWork> ReadWorkAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionOf(Url));
        await connection.OpenAsync();
        // Each row carries its transaction.
        await using var command = new NpgsqlCommand("SELECT count(*)::float8, count(DISTINCT CAST(xmin AS TEXT))::float8 FROM messages", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var own = connection.ProcessID;
        var server = (await File.ReadAllLinesAsync(Path.Combine(_directory.FullName, "data", "postmaster.pid")))[0];
        var children = await File.ReadAllTextAsync($"/proc/{server}/task/{server}/children");
        var processes = children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => int.Parse(each, CultureInfo.InvariantCulture));
        return new PostgresWork(processes.Where(process => process != own).Sum(Native.CpuMicroseconds), reader.GetDouble(0), reader.GetDouble(1));
    }

    /// <summary>An address of <see cref="Url"/> for the client library.</summary>
    public static string ConnectionOf(string url) =>
        new Uri(url) is var uri ? new NpgsqlConnectionStringBuilder { Host = uri.Host, Port = uri.Port, Username = uri.UserInfo, Database = uri.AbsolutePath[1..], Pooling = false }.ConnectionString : "";

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionOf(Url));
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string[] AsPostgres => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];

    private static string Program(string name) =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin", name)).Where(File.Exists).Max() ?? name
            : name;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new IOException($"{command[0]} could not be started.");
        var output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new IOException($"{command[0]} failed: {output}");
        }
    }
}

/// <summary>Of its own processes, and of the table of messages.</summary>
internal readonly record struct PostgresWork(double CpuMicroseconds, double Messages, double Commits)
{
    public static PostgresWork operator -(PostgresWork a, PostgresWork b) => new(a.CpuMicroseconds - b.CpuMicroseconds, a.Messages - b.Messages, a.Commits - b.Commits);
}
