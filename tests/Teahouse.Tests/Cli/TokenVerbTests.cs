using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Medium")]
public sealed class TokenVerbTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_token_from_the_shell_works_whether_the_server_runs_or_not()
    {
        await RunAsync("correct horse battery\n", "user", "add", "alice", "--password-stdin");
        var (exitCode, before) = await RunAsync(null, "token", "add", "alice", "--name", "before");
        Assert.Equal(0, exitCode);
        await using var program = await ProgramProcess.ServeAsync(_data);
        var (_, during) = await RunAsync(null, "token", "add", "alice", "--name", "during", "--scope", "read");

        Assert.Equal(("alice", "write"), await AskAsync(program.Address, before));
        Assert.Equal(("alice", "read"), await AskAsync(program.Address, during));
        Assert.DoesNotContain(during, program.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such user", "token", "add", "nobody", "--name", "x")]
    [InlineData("visible characters", "token", "add", "alice", "--name", " ")]
    [InlineData("read", "token", "add", "alice", "--name", "x", "--scope", "root")]
    [InlineData("--name", "token", "add", "alice")]
    public async Task What_cannot_be_done_says_why(string reason, params string[] arguments)
    {
        await RunAsync("correct horse battery\n", "user", "add", "alice", "--password-stdin");

        var (exitCode, output) = await RunAsync(null, arguments);

        Assert.Equal(1, exitCode);
        Assert.Contains(reason, output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, InlineData("--name=--json"), InlineData("--name=--scope=read"), InlineData("--name=--")]
    public async Task A_value_that_looks_like_an_option_stays_a_value_in_the_running_server(string name)
    {
        await using var program = await ProgramProcess.ServeAsync(_data);
        await RunAsync("correct horse battery\n", "user", "add", "alice", "--password-stdin");

        var (exitCode, token) = await RunAsync(null, "token", "add", "alice", name);

        Assert.Equal(0, exitCode);
        Assert.Equal(("alice", "write"), await AskAsync(program.Address, token));
    }

    private static async Task<(string? User, string? Scope)> AskAsync(Uri server, string token)
    {
        using var client = new HttpClient { BaseAddress = server };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var me = await client.GetFromJsonAsync<JsonObject>("/api/v1/me", Ct);
        return ((string?)me!["username"], (string?)me["scope"]);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string? input, params string[] arguments) =>
        await ProgramProcess.RunAsync(arguments, input, [("DATA_DIR", _data), .. await TestDatabase.SettingsForAsync(_data)]);
}
