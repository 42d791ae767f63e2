using Teahouse.Tests.Support;

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
    [InlineData("SOCKET_PING_SECONDS", "0", "0.01")]
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
    [InlineData("mysql://me:hunter2@db/x")]
    [InlineData("postgres://me:hunter2@db:99999/x")]
    [InlineData("postgres://me:hunter2@db/x?sslmode=perhaps")]
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
