using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

/// <summary>Help, and answers for scripts.</summary>
[Trait("Speed", "Slow")]
public sealed class HelpTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("teahouse backup site.tar.gz --json", "backup")]
    [InlineData("teahouse import django --database db.sqlite3 --dry-run", "import", "django")]
    [InlineData("teahouse user add alice --admin", "user", "add")]
    [InlineData("teahouse serve", "--help")]
    public async Task Help_ends_with_examples(string example, params string[] verb)
    {
        var (exitCode, output) = await RunAsync([.. verb, "--help"]);

        Assert.Equal(0, exitCode);
        Assert.True(output.IndexOf("Usage:", StringComparison.Ordinal) is >= 0 and var usage && usage < output.IndexOf("  " + example, StringComparison.Ordinal), output);
        Assert.Single(output.Split('\n'), line => line == "Examples:");
    }

    [Fact]
    public async Task Scripts_are_answered_in_JSON()
    {
        await using var program = await ProgramProcess.ServeAsync(_data);

        var made = await AnswerAsync("user", "add", "王小明", "--json");
        Assert.Equal(("王小明", "user"), ((string)made["username"]!, (string)made["role"]!));
        Assert.True(((string)made["password"]!).Length >= 20);
        Assert.Equal("王小明", (string)(await AnswerAsync("user", "list", "--json"))["username"]!);
        var token = await AnswerAsync("token", "add", "王小明", "--name", "n", "--scope", "read", "--json");
        Assert.Equal(("王小明", "read"), ((string)token["user"]!, (string)token["scope"]!));
        Assert.Contains("/signup/?invite=", (string)(await AnswerAsync("user", "invite", "--json"))["url"]!, StringComparison.Ordinal);
        Assert.Matches(@"^\d{4}_\w+$", (string)(await AnswerAsync("migrate", "--json"))["schema"]!);
    }

    [Fact]
    public async Task What_is_not_understood_is_a_failure()
    {
        var (exitCode, output) = await RunAsync(["backup"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("backup", output, StringComparison.Ordinal);
    }

    private async Task<JsonNode> AnswerAsync(params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(arguments);
        Assert.True(exitCode == 0, output);
        return JsonNode.Parse(output)!;
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string[] arguments) => await ProgramProcess.RunAsync(arguments, null, [("DATA_DIR", _data), .. await TestDatabase.SettingsForAsync(_data)]);
}
