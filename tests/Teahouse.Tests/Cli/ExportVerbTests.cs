using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Medium")]
public sealed class ExportVerbTests : IDisposable
{
    private const string Deleted = "nobody may read this any more";

    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_data, "out");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_file_is_what_the_api_gives_while_a_server_runs()
    {
        await using var server = await TestServer.StartAsync(dataDirectory: _data);
        using var bot = await PrepareAsync(server);
        foreach (var (query, arguments) in ((string, string[])[])[("csv&bom=true", ["csv", "--bom"]), ("jsonl", ["jsonl"])])
        {
            var given = await bot.GetByteArrayAsync($"/api/v1/rooms/den/export?format={query}", Ct);

            var (exitCode, output) = await RunAsync(["--room", "DEN", "--out", File, "--format", .. arguments]);

            Assert.True(exitCode == 0, output);
            Assert.Matches(@"^4 messages in \d+\.\d s\.$", output);
            Assert.Equal(given, await System.IO.File.ReadAllBytesAsync(File, Ct));
            Assert.True(OperatingSystem.IsWindows() || System.IO.File.GetUnixFileMode(File) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.DoesNotContain(Directory.GetFiles(_data), file => file.EndsWith(".part", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Standard_output_holds_the_data_and_a_deleted_message_has_no_text()
    {
        await using (var server = await TestServer.StartAsync(dataDirectory: _data))
        {
            (await PrepareAsync(server)).Dispose();
        }

        var (exitCode, output) = await RunAsync(["--room", "den", "--format", "jsonl"]);

        Assert.Equal(0, exitCode);
        var messages = output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([1, 2, 3, 4], messages.Select(message => (int)message["seq"]!));
        Assert.Equal(("", true), ((string?)messages[2]["message"], (bool?)messages[2]["deleted"]));
        Assert.DoesNotContain(Deleted, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_history_takes_no_more_memory_than_a_short_one()
    {
        const int Count = 16_000;
        await using (var server = await TestServer.StartAsync(dataDirectory: _data))
        {
            (await PrepareAsync(server)).Dispose();
            await server.Get<Db>().WriteAsync(async session =>
            {
                const string Fill = """
                    WITH RECURSIVE n (i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
                    INSERT INTO messages (room_id, seq, rev, kind, author_name, text, created_at)
                    SELECT r.id, n.i, n.i, 'text', 'alice', @text, r.created_at FROM n, rooms r WHERE r.name_key = 'den'
                    """;
                await session.ExecuteAsync(Fill, new { count = Count, text = new string('茶', 1500) });
                await session.ExecuteAsync("UPDATE rooms SET last_seq = @count, rev = @count WHERE name_key = 'den'", new { count = Count });
            }, Ct);
        }

        // The texts alone are 48 million bytes as strings, more as a file; the program itself needs half of what it is given.
        var (exitCode, output) = await RunAsync(["--room", "den", "--format", "jsonl", "--out", File], ("DOTNET_GCHeapHardLimit", "0x2800000"));

        Assert.True(exitCode == 0, output);
        Assert.Contains("16,000 messages in", output, StringComparison.Ordinal);
        var lines = 0;
        await foreach (var line in System.IO.File.ReadLinesAsync(File, Ct))
        {
            Assert.Contains($"\"seq\":{++lines},", line, StringComparison.Ordinal);
        }
        Assert.Equal(Count, lines);
    }

    [Fact]
    public async Task A_terminal_sees_a_bar()
    {
        await using (var server = await TestServer.StartAsync(dataDirectory: _data))
        {
            (await PrepareAsync(server)).Dispose();
        }
        var line = $"dotnet {Path.Combine(AppContext.BaseDirectory, "teahouse.dll")} export --room den --format csv --out {File}";
        var start = new ProcessStartInfo("script", ["-qec", line, "/dev/null"]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in await SettingsAsync())
        {
            start.Environment[name] = value;
        }

        using var terminal = Process.Start(start)!;
        var shown = await terminal.StandardOutput.ReadToEndAsync(Ct);
        await terminal.WaitForExitAsync(Ct);

        Assert.Equal(0, terminal.ExitCode);
        Assert.Contains($"\r[{new string('#', 30)}] 4 of 4 messages (100", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_exported_is_said_and_leaves_no_file()
    {
        var (none, noDatabase) = await RunAsync(["--room", "den", "--format", "csv", "--out", File], ("DATABASE_URL", $"sqlite:{Path.Combine(_data, "not-there.db")}"));
        Assert.Equal((1, true), (none, noDatabase.Contains("There is no database", StringComparison.Ordinal)));
        await using (var server = await TestServer.StartAsync(dataDirectory: _data))
        {
            (await PrepareAsync(server)).Dispose();

            var (exitCode, output) = await RunAsync(["--room", "nowhere", "--format", "csv", "--out", File]);
            await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("DELETE FROM schema_migrations WHERE name LIKE '0009%'"), Ct);
            var (older, migrate) = await RunAsync(["--room", "den", "--format", "csv", "--out", File]);

            Assert.Equal((1, true), (exitCode, output.Contains("no such room", StringComparison.OrdinalIgnoreCase)));
            Assert.Equal((1, true), (older, migrate.Contains("teahouse migrate", StringComparison.Ordinal)));
        }
        Assert.False(System.IO.File.Exists(File));
    }

    private async Task<IEnumerable<(string Name, string Value)>> SettingsAsync() => [("DATA_DIR", _data), .. await TestDatabase.SettingsForAsync(_data)];

    private async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] settings) =>
        await ProgramProcess.RunAsync(["export", .. arguments], input: null, [.. await SettingsAsync(), .. settings]);

    /// <summary>A room with what was done to make it, a message, one that was deleted, and one that a spreadsheet would calculate.</summary>
    private static async Task<HttpClient> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        var bot = await server.CreateBotAsync("alice");
        foreach (var text in (string[])["早安，\"茶\"\n館", Deleted, "=1+1"])
        {
            using var said = await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = text }, Ct);
            said.EnsureSuccessStatusCode();
        }
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE messages SET deleted_at = created_at, rev = rev + 2 WHERE seq = 3"), Ct);
        return bot;
    }
}
