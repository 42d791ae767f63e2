using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Teahouse.Cli;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Medium")]
public sealed partial class UserVerbTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Accounts_are_made_and_listed_without_a_server()
    {
        Assert.Equal((0, "Administrator alice was made."), await RunAsync("correct horse battery\n", "user", "add", "alice", "--admin", "--password-stdin"));
        Assert.Equal(0, (await RunAsync("correct horse battery\n", "user", "add", "王小明", "--password-stdin")).ExitCode);

        var (exitCode, output) = await RunAsync(null, "user", "list");

        Assert.Equal(0, exitCode);
        var day = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"alice\tadmin\t{day}\n王小明\tuser\t{day}", output);
    }

    [Fact]
    public async Task A_password_is_made_up_printed_once_and_works()
    {
        await using var program = await ServeAsync();

        var (exitCode, output) = await RunAsync("", "user", "add", "alice");

        Assert.Equal(0, exitCode);
        var password = MadeUp().Match(output).Groups[1].Value;
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(program.Address, "alice", password));
        Assert.DoesNotContain(password, program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_password_replaces_the_old_one_while_the_server_runs()
    {
        await using var program = await ServeAsync();
        await RunAsync("correct horse battery\n", "user", "add", "alice", "--password-stdin");

        var (exitCode, _) = await RunAsync("quite another phrase\n", "user", "password", "alice", "--password-stdin");

        Assert.Equal(0, exitCode);
        Assert.Equal(HttpStatusCode.BadRequest, await LoginAsync(program.Address, "alice", "correct horse battery"));
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(program.Address, "alice", "quite another phrase"));
    }

    [Theory]
    [InlineData("short", "too short", "user", "add", "alice", "--password-stdin")]
    [InlineData("password123", "too common", "user", "add", "alice", "--password-stdin")]
    [InlineData("", "No password came", "user", "add", "alice", "--password-stdin")]
    [InlineData("correct horse battery", "letters, digits", "user", "add", "no spaces", "--password-stdin")]
    [InlineData("correct horse battery", "not an e-mail address", "user", "add", "alice", "--email", "alice at home", "--password-stdin")]
    [InlineData("correct horse battery", "no such user", "user", "password", "nobody", "--password-stdin")]
    public async Task What_cannot_be_done_says_why_in_one_line_and_exits_with_1(string input, string reason, params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(input, arguments);

        Assert.Equal(1, exitCode);
        Assert.Contains(reason, Assert.Single(output.Split('\n')), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_name_cannot_be_made_twice_whatever_its_case()
    {
        await RunAsync("correct horse battery\n", "user", "add", "alice", "--password-stdin");

        var (exitCode, output) = await RunAsync("correct horse battery\n", "user", "add", "ALICE", "--password-stdin");

        Assert.Equal(1, exitCode);
        Assert.Contains("taken", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invite_link_leads_to_the_sign_up_form_of_the_running_server()
    {
        await using var program = await ServeAsync(("SIGNUP", "invite"), ("PUBLIC_URL", "https://tea.example/"));
        await RunAsync("correct horse battery\n", "user", "add", "alice", "--admin", "--password-stdin");

        var (exitCode, link) = await RunAsync(null, "user", "invite");

        Assert.Equal(0, exitCode);
        Assert.StartsWith("https://tea.example/signup/", link, StringComparison.Ordinal);
        using var client = new HttpClient();
        var page = await client.GetStringAsync(new Uri(program.Address, new Uri(link).PathAndQuery), Ct);
        Assert.Contains("name=\"password2\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_programs_own_user_may_open_the_control_socket()
    {
        await using var program = await ServeAsync();
        var path = Path.Combine(_data, "control.sock");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(path).UnixFileMode);
        using var client = new HttpClient();
        var answer = await client.PostAsync(program.Address, new StringContent("""{"arguments":["user","list"]}""", null, "application/json"), Ct);
        Assert.DoesNotContain("\"output\"", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_left_by_a_killed_server_stops_nobody()
    {
        await using (var program = await ServeAsync())
        {
            await program.KillAsync();
        }
        Assert.True(File.Exists(Path.Combine(_data, "control.sock")));

        Assert.Equal(0, (await RunAsync(null, "user", "list")).ExitCode);
        await using var again = await ServeAsync();
        Assert.Equal(0, (await RunAsync(null, "user", "list")).ExitCode);
    }

    [Fact]
    public async Task Rubbish_on_the_control_socket_harms_nothing()
    {
        await using var program = await ServeAsync();
        foreach (var rubbish in new[] { "\0\0\0", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{" })
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_data, "control.sock")), Ct);
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(rubbish), Ct);
            socket.Shutdown(SocketShutdown.Send);
            var answer = new byte[64];
            var length = await socket.ReceiveAsync(answer, Ct);
            Assert.DoesNotContain(" 200 ", System.Text.Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        }

        Assert.Equal(0, (await RunAsync(null, "user", "list")).ExitCode);
    }

    [Fact]
    public async Task What_the_running_server_does_not_understand_is_not_taken_for_done()
    {
        await using var program = await ServeAsync();

        var reply = await ControlClient.TryRunAsync(Path.Combine(_data, "control.sock"), new VerbRequest(["user", "brew"], null, _data, null), Ct);

        var error = reply?.Error ?? "";
        Assert.StartsWith("The running server is of another version", error, StringComparison.Ordinal);
        Assert.Contains("brew", Assert.Single(error.Split('\n')), StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_name_may_begin_with_an_at_sign(bool isServed)
    {
        await using var program = isServed ? await ServeAsync() : null;

        Assert.Equal((0, "User @bob was made."), await RunAsync("correct horse battery\n", "user", "add", "@bob", "--password-stdin"));
        Assert.Equal(0, (await RunAsync("quite another phrase\n", "user", "password", "@bob", "--password-stdin")).ExitCode);
    }

    [Fact]
    public async Task A_verb_goes_to_no_server_with_another_database()
    {
        await using var program = await ServeAsync();

        var (exitCode, output) = await ProgramProcess.RunAsync(["user", "add", "alice"], "", ("DATA_DIR", _data), ("DATABASE_URL", $"sqlite:{_data}/other.db"));

        Assert.Equal(1, exitCode);
        Assert.Contains($"sqlite:{_data}/other.db", Assert.Single(output.Split('\n')), StringComparison.Ordinal);
        Assert.Equal((0, ""), await RunAsync(null, "user", "list"));
    }

    [Fact]
    public async Task A_second_server_in_the_same_directory_takes_nobodys_socket()
    {
        await using var program = await ServeAsync();
        await using (var second = await ServeAsync(("DATABASE_URL", $"sqlite:{_data}/other.db")))
        {
            Assert.Contains("Verbs of the shell can't reach this server", second.Output, StringComparison.Ordinal);
            second.Terminate();
            Assert.Equal(0, await second.WaitForExitAsync());
        }

        Assert.Equal(0, (await RunAsync("", "user", "add", "alice")).ExitCode);
        Assert.Contains("alice", (await RunAsync(null, "user", "list")).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_data, "control.sock")));
    }

    [Fact]
    public async Task Migrate_makes_the_database_and_says_so()
    {
        var (exitCode, output) = await ProgramProcess.RunAsync(["migrate"], null, ("DATA_DIR", _data));

        Assert.Equal(0, exitCode);
        Assert.StartsWith("The database is up to date", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_data, "teahouse.db")));
    }

    [Fact]
    public async Task A_wrong_setting_or_verb_is_one_clear_line()
    {
        var (settingExit, setting) = await ProgramProcess.RunAsync(["user", "list"], null, ("DATA_DIR", _data), ("SIGNUP", "maybe"));
        var (verbExit, verb) = await RunAsync(null, "brew");

        Assert.Equal((1, "SIGNUP=maybe: one of open, invite, closed"), (settingExit, setting));
        Assert.Equal(1, verbExit);
        Assert.Contains("brew", verb, StringComparison.Ordinal);
    }

    private Task<ProgramProcess> ServeAsync(params (string, string)[] settings) => ProgramProcess.ServeAsync(_data, settings);

    private async Task<(int ExitCode, string Output)> RunAsync(string? input, params string[] arguments) =>
        await ProgramProcess.RunAsync(arguments, input, [("DATA_DIR", _data), .. await TestDatabase.SettingsForAsync(_data)]);

    private static async Task<HttpStatusCode> LoginAsync(Uri address, string name, string password)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };
        return (await client.PostFormAsync("/login/", ("username", name), ("password", password))).StatusCode;
    }

    [GeneratedRegex("^Password: ([a-z0-9]{20})$", RegexOptions.Multiline)]
    private static partial Regex MadeUp();
}
