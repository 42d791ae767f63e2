using System.Text.Json;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

public sealed partial class DockerfileTests
{
    private static readonly IReadOnlyList<(string Name, string Text)> Instructions = Read();

    /// <summary>From the last FROM on: what is in the image.</summary>
    private static readonly IReadOnlyList<(string Name, string Text)> Final = [.. Instructions.Skip(Instructions.Select((each, i) => each.Name == "FROM" ? i : 0).Max())];

    [Fact]
    public void The_program_is_built_in_stages_that_stay_behind()
    {
        var from = Instructions.Where(each => each.Name == "FROM").Select(each => each.Text).ToList();

        Assert.Equal(3, from.Count);
        Assert.StartsWith("node:", from[0], StringComparison.Ordinal);
        Assert.Contains("/sdk:", from[1], StringComparison.Ordinal);
        Assert.Contains("/aspnet:", from[2], StringComparison.Ordinal);
        // Each named version is the one the repository asks for.
        var sdk = JsonDocument.Parse(Repository.Read("global.json")).RootElement.GetProperty("sdk").GetProperty("version").GetString()!;
        Assert.All(from.Skip(1), image => Assert.Contains(":" + string.Join('.', sdk.Split('.')[..2]), image, StringComparison.Ordinal));
        var node = JsonDocument.Parse(Repository.Read("package.json")).RootElement.GetProperty("engines").GetProperty("node").GetString()!;
        Assert.True(int.Parse(Number().Match(from[0]).Value, System.Globalization.CultureInfo.InvariantCulture) >= int.Parse(Number().Match(node).Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void It_does_not_run_as_root()
    {
        var user = Assert.Single(Final, each => each.Name == "USER");

        Assert.Matches(@"^[1-9]\d*:[1-9]\d*$", user.Text);
        Assert.Equal(user.Text, (string?)ComposeFile.Read()["web-1"]["user"]);
        Assert.DoesNotContain(Final.SkipWhile(each => each != user), each => each.Name is "RUN" or "COPY");
    }

    [Fact]
    public void What_it_copies_is_there_and_is_let_through()
    {
        var ignore = Repository.Read(".dockerignore").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var allowed = ignore.Where(line => line[0] == '!').Select(line => line[1..]).ToList();
        Assert.Equal("*", ignore.First(line => line[0] != '#'));
        Assert.Contains("**/.env", ignore);
        Assert.Contains("**/creds.json", ignore);

        var copied = Instructions.Where(each => each.Name == "COPY" && !each.Text.StartsWith("--from", StringComparison.Ordinal)).SelectMany(each => each.Text.Split(' ')[..^1]).Distinct().ToList();

        Assert.All(copied, path => Assert.True(File.Exists(Repository.PathOf(path)) || Directory.Exists(Repository.PathOf(path)), path));
        Assert.All(copied, path => Assert.Contains(allowed, open => path == open || path.StartsWith(open + "/", StringComparison.Ordinal)));
        Assert.All(allowed, open => Assert.Contains(copied, path => path == open));
        Assert.DoesNotContain(Instructions, each => each.Name == "ADD");
    }

    [Fact]
    public void It_holds_no_secret_and_no_tool_to_fetch_with()
    {
        Assert.DoesNotContain(Instructions, each => each.Name is "ENV" or "ARG" && Secret().IsMatch(each.Text));
        Assert.DoesNotContain(Final, each => each.Name == "RUN" && Tool().IsMatch(each.Text));
    }

    [Fact]
    public void Its_settings_are_the_programs()
    {
        var names = Final.Where(each => each.Name == "ENV").SelectMany(each => Assignment().Matches(each.Text)).Select(match => match.Groups[1].Value)
            .Where(name => name != "PATH" && !name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList();

        Assert.Equal(["DATA_DIR", "URLS"], names.Order());
        Assert.Empty(names.Except(KnownSettings.Names));
        Assert.Contains(":" + Assert.Single(Final, each => each.Name == "EXPOSE").Text, Assert.Single(Final, each => each.Name == "ENV").Text, StringComparison.Ordinal);
        Assert.Equal(8000, new Uri(ComposeFile.Read().EnvironmentOf("web-1")["URLS"]).Port);
    }

    [Fact]
    public async Task What_it_starts_and_asks_are_verbs_of_the_program()
    {
        Assert.Contains("<AssemblyName>teahouse</AssemblyName>", Repository.Read("src/Teahouse/Teahouse.csproj"), StringComparison.Ordinal);
        Assert.Equal("""["teahouse"]""", Assert.Single(Final, each => each.Name == "ENTRYPOINT").Text);
        var check = Assert.Single(Final, each => each.Name == "HEALTHCHECK").Text;
        var asked = JsonSerializer.Deserialize<string[]>(check[(check.IndexOf("CMD ", StringComparison.Ordinal) + 4)..])!;
        Assert.Equal("teahouse", asked[0]);

        foreach (var verb in (string[])[asked[1], JsonSerializer.Deserialize<string[]>(Assert.Single(Final, each => each.Name == "CMD").Text)![0]])
        {
            var (exitCode, output) = await ProgramProcess.RunAsync([verb, "--help"]);
            Assert.Equal(0, exitCode);
            Assert.Contains($"teahouse {verb}", output, StringComparison.Ordinal);
        }
    }

    private static List<(string Name, string Text)> Read() =>
        [.. Continued().Replace(string.Join('\n', Repository.Read("deploy/Dockerfile").Split('\n').Where(line => !line.StartsWith('#'))), " ")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .Select(parts => (parts[0], parts[1].Trim()))];

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"(\w+)=\S+")]
    private static partial Regex Assignment();

    [GeneratedRegex("PASSWORD|SECRET|TOKEN|CREDENTIAL|_KEY", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\b(curl|wget|netcat|ssh|git)\b")]
    private static partial Regex Tool();
}
