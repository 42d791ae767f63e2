using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Teahouse.Cli;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Web;

[Trait("Speed", "Medium")]
public sealed class SettingsTests
{
    [Theory]
    [InlineData("PORT", "http", "65535")]
    [InlineData("URLS", "127.0.0.1", "http://127.0.0.1:8000")]
    [InlineData("SIGNUP", "maybe", "open, invite, closed")]
    [InlineData("GUESTS", "perhaps", "on or off")]
    [InlineData("LANGUAGE_CODE", "tlh", "zh-Hant, zh-Hans, en")]
    [InlineData("TIME_ZONE", "Mars/Olympus", "Asia/Taipei")]
    [InlineData("LIMIT_MESSAGE_CHARS", "-1", "0")]
    [InlineData("REQUEST_IDLE_SECONDS", "0", "0.01")]
    [InlineData("ALLOWED_ORIGINS", "example.org", "https://example.org")]
    [InlineData("TRUSTED_PROXIES", "proxy", "IP addresses")]
    public async Task A_wrong_value_stops_the_start_with_one_line(string name, string value, string allowed)
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            (string, string)[] settings = [("DATA_DIR", directory), ("URLS", "http://127.0.0.1:0"), (name, value)];
            var (exitCode, output) = await ProgramProcess.RunAsync(["serve"], settings: name == "PORT" ? [("DATA_DIR", directory), (name, value)] : settings);

            Assert.Equal(1, exitCode);
            var line = Assert.Single(output.Split('\n'));
            Assert.StartsWith($"{name}={value}", line, StringComparison.Ordinal);
            Assert.Contains(allowed, line, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("URLS", "https://127.0.0.1:21002", "certificate")]
    [InlineData("URLS", "http://127.0.0.1:21002/path", "without a path")]
    [InlineData("URLS", "http://nosuchhost.invalid:1", "ALLOWED_HOSTS")]
    [InlineData("URLS", "http://localhost:0", "port")]
    [InlineData("URLS", "http://127.0.0.1:65536", "http://127.0.0.1:8000")]
    [InlineData("URLS", ";", "http://127.0.0.1:8000")]
    [InlineData("ALLOWED_HOSTS", "http://x/", "without scheme")]
    [InlineData("ALLOWED_HOSTS", "chat.example:8000", "without scheme")]
    [InlineData("DATABASE_URL", "sqlite:.", "directory")]
    [InlineData("LIMIT_GUEST_MESSAGES_PER_SECOND", "300000000", "100000000")]
    [InlineData("LIMIT_MESSAGES_BURST", "100000001", "100000000")]
    [InlineData("SOCKET_PONG_SECONDS", "0.001", "or 0")]
    [InlineData("DRAIN_SECONDS", "-1", "or 0")]
    public void What_cannot_work_is_refused_before_anything_begins(string name, string value, string allowed)
    {
        var wrong = Assert.Throws<SettingException>(() => Settings.Read(new ConfigurationManager { [name] = value }));

        Assert.StartsWith($"{name}={value}: ", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, wrong.Message[(name.Length + value.Length + 1)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000", "http://127.0.0.1:8000/")]
    [InlineData("http://*:8000", "http://127.0.0.1:8000/")]
    [InlineData("http://0.0.0.0:80", "http://127.0.0.1/")]
    [InlineData("http://[::]:8000/", "http://[::1]:8000/")]
    [InlineData("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000/")]
    [InlineData("http://localhost:8000", "http://localhost:8000/")]
    public void Where_the_server_listens_is_reached_from_its_own_machine(string url, string address)
    {
        Assert.Equal([url], Settings.Read(new ConfigurationManager { ["URLS"] = url }).Urls);
        Assert.Equal(address, ListenUrls.FromHere(url).AbsoluteUri);
    }

    [Fact]
    public void The_largest_limits_there_are_still_let_everybody_in()
    {
        var settings = Settings.Read(new ConfigurationManager
        {
            ["LIMIT_GUEST_MESSAGES_PER_SECOND"] = "100000000",
            ["LIMIT_GUEST_MESSAGES_PER_SECOND_BURST"] = "100000000",
            ["LIMIT_LOGINS_PER_MINUTE"] = "100000000",
        });

        Assert.True(checked(settings.GuestMessagesPerSecond * 10) > 0 && checked(settings.GuestMessagesBurst * 10) > 0 && checked(settings.LoginsPerMinute * 2) > 0);
    }

    [Fact]
    public void Zero_seconds_are_no_limit()
    {
        var settings = Settings.Read(new ConfigurationManager { ["SOCKET_PING_SECONDS"] = "0", ["SOCKET_PONG_SECONDS"] = "0", ["SOCKET_STALL_SECONDS"] = "0", ["DRAIN_SECONDS"] = "0" });

        Assert.All([settings.Ping, settings.Pong, settings.Stall], each => Assert.Equal(TimeSpan.MaxValue, each));
        Assert.Equal(TimeSpan.Zero, settings.Drain);
    }

    [Fact]
    public void A_port_in_the_environment_wins_over_addresses_in_a_file()
    {
        static IReadOnlyList<string> Urls(params (string, string)[][] layers)
        {
            var builder = new ConfigurationBuilder();
            foreach (var layer in layers)
            {
                builder.AddInMemoryCollection(layer.Select(each => KeyValuePair.Create(each.Item1, (string?)each.Item2)));
            }
            return Settings.Read(builder.Build()).Urls;
        }

        Assert.Equal(["http://127.0.0.1:9"], Urls([("URLS", "http://127.0.0.1:7")], [("PORT", "9")]));
        Assert.Equal(["http://127.0.0.1:7"], Urls([("PORT", "9")], [("URLS", "http://127.0.0.1:7")]));
        Assert.Equal(["http://127.0.0.1:7"], Urls([("PORT", "9"), ("URLS", "http://127.0.0.1:7")]));
    }

    [Theory]
    [InlineData("postgres://me:hunter2@db:99999/x", "postgres://me:…@db:99999/x")]
    [InlineData("postgres://me:hunter2/@?x@db/x?sslmode=perhaps", "postgres://me:…@db/x?sslmode=perhaps")]
    [InlineData("postgres://db/x?user=me&password=hunter2", "postgres://db/x?user=…&password=…")]
    [InlineData("redis://hunter2@cache:6379", "redis://…@cache:6379")]
    [InlineData("redis://:hunter2", "redis://…")]
    [InlineData("redis://:123456", "redis://…")]
    [InlineData("postgres:me:hunter2", "postgres:…")]
    [InlineData("hunter2", "…")]
    [InlineData("mysql://db.example:3306/x", "mysql://db.example:3306/x")]
    public void Only_what_could_be_a_password_is_hidden(string url, string shown) => Assert.Equal(shown, SecretUrl.Mask(url));

    [Fact]
    public void A_env_file_has_comments_and_quotes_and_nothing_else()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "# c\n\nA=1 # one\nexport B = \"two # 2\" # c\nC='x'\nD=\nE=a#b\nF=#x\n");
            var values = DotEnv.Read(path);
            Assert.Equal([("A", "1"), ("B", "two # 2"), ("C", "x"), ("D", ""), ("E", "a#b"), ("F", "#x")], values.Select(each => (each.Key, each.Value)).Order());

            File.WriteAllText(path, "A=1\nhunter2\n");
            Assert.Equal($"{path}, line 2: NAME=value, a comment that begins with #, or nothing", Assert.Throws<SettingException>(() => DotEnv.Read(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_settings_file_that_is_no_JSON_is_named_in_one_line()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "{ \"SIGNUP\": ");
            var broken = Assert.ThrowsAny<Exception>(() => new ConfigurationBuilder().AddJsonFile(path).Build());

            var line = VerbFaults.Describe(broken);

            Assert.Contains(path, line, StringComparison.Ordinal);
            Assert.DoesNotContain("\n", line, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_port_that_somebody_has_is_told_in_one_line()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        try
        {
            var (exitCode, output) = await ProgramProcess.RunAsync(["serve", "--urls", $"http://{other.LocalEndpoint}"], settings: [("DATA_DIR", directory), ("LOG_FORMAT", "json")]);

            Assert.Equal(1, exitCode);
            var line = Assert.Single(output.Split('\n'), line => !line.StartsWith('{'));
            Assert.StartsWith($"URLS=http://{other.LocalEndpoint}: another program", line, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(directory, "control.sock")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("user", "list")]
    public async Task A_directory_that_cannot_be_made_is_told_in_one_line(params string[] verb)
    {
        var (exitCode, output) = await ProgramProcess.RunAsync(verb, settings: [("DATA_DIR", "/proc/nope"), ("URLS", "http://127.0.0.1:0")]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("DATA_DIR=/proc/nope: a directory", Assert.Single(output.Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mysql://me:hunter2@db/x")]
    [InlineData("postgres://me:hunter2@db:99999/x")]
    [InlineData("postgres://me:hunter2@db/x?sslmode=perhaps")]
    [InlineData("postgres://me:hunter2@db")]
    [InlineData("postgres://me:hunter2@db/")]
    [InlineData("postgres:me:hunter2")]
    public async Task A_database_this_program_cannot_use_is_refused_without_showing_its_password(string url)
    {
        var (exitCode, output) = await ProgramProcess.RunAsync(["serve"], settings: ("DATABASE_URL", url));

        Assert.Equal(1, exitCode);
        Assert.Contains("DATABASE_URL", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_kept_is_for_the_programs_user_only()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        using var page = await client.GetAsync(new Uri("/chat/r/?username=Mia", UriKind.Relative), TestContext.Current.CancellationToken);

        var files = Directory.GetFiles(server.DataDirectory, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.Contains("keys", StringComparison.Ordinal));
        foreach (var path in (string[])[.. files, .. Directory.GetDirectories(server.DataDirectory)])
        {
            var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
            Assert.Equal(UnixFileMode.None, mode & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | (File.Exists(path) ? UnixFileMode.None : UnixFileMode.UserExecute)));
        }
    }

    [Fact]
    public async Task Logs_hold_no_message_name_or_token()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            await using var program = await ProgramProcess.ServeAsync(directory);
            using var http = new HttpClient { BaseAddress = program.Address };
            using var page = await http.GetAsync(new Uri("/chat/plaza/?username=Secretive", UriKind.Relative), TestContext.Current.CancellationToken);
            await using var socket = await SocketClient.ConnectAsync(program.Address, "/ws/chat/plaza/");
            await socket.SendAsync(new { message = "confidential words", nonce = "nonce-of-mine" });
            await socket.ReceiveAsync();
            await socket.SendTextAsync("{\"message\":\"confidential\\u0000\"}");
            await socket.ReceiveAsync();
            program.Terminate();
            Assert.Equal(0, await program.WaitForExitAsync());

            foreach (var secret in (string[])["confidential", "Secretive", "nonce-of-mine"])
            {
                Assert.DoesNotContain(secret, program.Output, StringComparison.Ordinal);
            }
            Assert.All(program.Output.Split('\n'), line => Assert.Matches(@"^\d{4}-\d\d-\d\dT", line));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
