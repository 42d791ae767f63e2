using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Teahouse.Storage;
using Teahouse.Tests.Sinks;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

/// <summary><c>teahouse doctor</c> where everything is well, and where each part is broken.</summary>
[Trait("Speed", "Slow")]
public sealed class DoctorVerbTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_data, "teahouse.db");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Everything_that_is_set_up_is_looked_at_beside_a_running_server()
    {
        await using var server = await StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var google = await FakeGoogle.StartAsync();
        await using var mail = new SmtpServer { Login = ("mail", "secret") };
        var (url, from) = (mail.Settings("mail:secret")[0], mail.Settings()[1]);

        var (exitCode, output) = await RunAsync([], ("REDIS_URL", redis.Url), url, from, google.Settings[0], google.Settings[1], google.Settings[2]);

        Assert.True(exitCode == 0, output);
        foreach (var line in (string[])[@"^ok    database  .*schema 00\d\d_\w+, quick_check ok", @"^ok    redis     127\.0\.0\.1:\d+ answers in", "^ok    clock     right by Redis's", "^ok    google    .*gets tokens", @"^ok    smtp      localhost:\d+ answers, and takes the password", @"^ok    disk      .* MB free, a write is on disk after [\d.]+ ms", @"^ok +sqlite    SQLite 3\.\d+"])
        {
            Assert.Matches("(?m)" + line, output.Replace("warn  disk", "ok    disk", StringComparison.Ordinal));
        }
        Assert.DoesNotContain(_data + "/doctor", string.Join('\n', Directory.GetFiles(_data)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_broken_is_named_and_nothing_else()
    {
        await using (await StartAsync())
        {
        }
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        using var notMail = new StrangeServer();

        var (exitCode, answer) = await AskAsync(("REDIS_URL", $"redis://127.0.0.1:{port}"), ("GOOGLE_SHEET_ID", FakeGoogle.Spreadsheet), ("GOOGLE_CREDS_PATH", Path.Combine(_data, "no-key.json")),
            ("SMTP_URL", notMail.Url), ("MAIL_FROM", "tea@example.org"));

        Assert.Equal((1, false), (exitCode, (bool)answer["ok"]!));
        Assert.Collection(Failed(answer),
            redis => Assert.Matches("^redis: .*(can't be reached|no answer)", redis),
            google => Assert.Matches("^google: .*no-key.json", google),
            smtp => Assert.Matches("^smtp: .*does not greet", smtp));
    }

    [Theory]
    [InlineData("mail:wrong", "", "refuses the password")]
    [InlineData("mail:secret", "?starttls=on", "offers no STARTTLS")]
    public async Task A_mail_server_that_would_take_no_mail_is_named_with_its_reason(string user, string query, string why)
    {
        await using var mail = new SmtpServer { Login = ("mail", "secret") };

        var (exitCode, answer) = await AskAsync(mail.Settings(user, query)[0], mail.Settings()[1]);

        Assert.Equal(1, exitCode);
        Assert.Matches($"^smtp: .*{why}", Failed(answer).Single());
        Assert.DoesNotContain("secret", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_a_foreign_one_and_one_of_another_version_are_told_apart()
    {
        await using (var server = await StartAsync())
        {
            await server.AddUserAsync("alice");
            await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("INSERT INTO schema_migrations (name, checksum, applied_at) VALUES ('9999_future', '', 0)"), Ct);
        }
        Assert.Matches("^database: .*newer version", Failed((await AskAsync()).Answer).Single());

        // What is in the log would hide it.
        await using (var connection = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await connection.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        await using (var file = new FileStream(Database, FileMode.Open))
        {
            // Not the first page: the header stays good.
            file.Position = 8192;
            file.Write(Enumerable.Repeat((byte)0xA5, 40_000).ToArray());
        }
        Assert.Matches("^database: .*damaged", Failed((await AskAsync()).Answer).Single());

        await File.WriteAllTextAsync(Database, new string('x', 9000), Ct);
        Assert.StartsWith("database: ", Failed((await AskAsync()).Answer).Single(), StringComparison.Ordinal);

        File.Delete(Database);
        var (exitCode, fresh) = await AskAsync();
        Assert.Equal((0, "warn"), (exitCode, (string)fresh["checks"]!.AsArray().Single(check => (string)check!["name"]! == "database")!["state"]!));
    }

    [Fact]
    public async Task A_directory_that_is_none_and_a_wrong_setting_are_said()
    {
        var file = Path.Combine(_data, "file");
        await File.WriteAllTextAsync(file, "", Ct);
        var (exitCode, answer) = await AskAsync(("DATABASE_URL", $"sqlite:{file}/teahouse.db"));
        Assert.Equal(1, exitCode);
        Assert.Contains(Failed(answer), failed => failed.StartsWith("disk: ", StringComparison.Ordinal));

        var (wrong, why) = await RunAsync([], ("TIME_ZONE", "Mars/Olympus"));
        Assert.Equal((1, true), (wrong, why.Contains("TIME_ZONE=Mars/Olympus", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task PostgreSQL_is_looked_at_and_one_that_is_away_is_said()
    {
        var url = await TestDatabase.CreateAsync();
        var (well, answer) = await AskAsync(("DATABASE_URL", url));
        Assert.Equal(0, well);
        Assert.Contains(answer["checks"]!.AsArray(), check => ((string)check!["detail"]!).Contains("PostgreSQL 1", StringComparison.Ordinal));
        Assert.Contains(answer["checks"]!.AsArray(), check => ((string)check!["detail"]!).Contains("right by the database's", StringComparison.Ordinal));

        var (away, gone) = await AskAsync(("DATABASE_URL", "postgres://teahouse:secret@127.0.0.1:1/teahouse"));

        Assert.Equal(1, away);
        Assert.StartsWith("database: ", Failed(gone).Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", gone.ToJsonString(), StringComparison.Ordinal);
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync([("DATABASE_URL", "sqlite:" + Database)], _data);

    /// <summary>What failed, as <c>name: detail</c>.</summary>
    private static IEnumerable<string> Failed(JsonNode answer) =>
        answer["checks"]!.AsArray().Where(check => (string)check!["state"]! == "fail").Select(check => $"{check!["name"]}: {check["detail"]}");

    private async Task<(int ExitCode, JsonNode Answer)> AskAsync(params (string Name, string Value)[] settings)
    {
        var (exitCode, output) = await RunAsync(["--json"], settings);
        Assert.True(output.StartsWith('{'), output);
        return (exitCode, JsonNode.Parse(output)!);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string[] more, params (string Name, string Value)[] settings) =>
        await ProgramProcess.RunAsync(["doctor", .. more], null, [("DATA_DIR", _data), .. settings]);

    /// <summary>Greets, but not as a mail server.</summary>
    private sealed class StrangeServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public StrangeServer()
        {
            _listener.Start();
            _ = GreetAsync();
        }

        public string Url => $"smtp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public void Dispose() => _listener.Dispose();

        private async Task GreetAsync()
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            await stream.WriteAsync("SSH-2.0-nothing\r\n"u8.ToArray());
            // Until the other side has heard it and goes.
            await stream.ReadExactlyAsync(new byte[1]).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
