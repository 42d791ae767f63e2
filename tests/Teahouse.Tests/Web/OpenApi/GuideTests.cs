using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web.OpenApi;

/// <summary>docs/api.md: every example is run as it stands.</summary>
[Trait("Speed", "Medium")]
public sealed partial class GuideTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_of_the_guide_works_as_written()
    {
        await using var server = await TestServer.StartAsync();
        var (_, token) = await server.AddTokenAsync("alice", "admin");
        var folder = Directory.CreateTempSubdirectory("teahouse-test-");
        var examples = Example().Matches(Repository.Read("docs/api.md")).Select(match => match.Groups[1].Value).ToList();
        Assert.True(examples.Count > 8);

        try
        {
            foreach (var example in examples.Where(each => !each.StartsWith("export ", StringComparison.Ordinal)))
            {
                var (exitCode, output) = await RunAsync(example, folder.FullName, server.Address, token);
                Assert.True(exitCode == 0, $"{example}\n{output}");
            }
            Assert.Contains(",早安,", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "guide.csv"), Ct), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        using var bot = server.CreateBearer(token);
        var page = await bot.GetFromJsonAsync<JsonObject>("/api/v1/rooms/guide/messages?limit=200", Ct);
        Assert.Equal(["早安", "The report is ready.", "first line", "second line", "third line", "Build #42 (https://ci.example.org/42) passed"],
            page!["messages"]!.AsArray().Where(message => (string?)message!["kind"] == "text").Select(message => (string)message!["message"]!));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string script, string folder, Uri server, string token)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TEAHOUSE"] = server.GetLeftPart(UriPartial.Authority);
        start.Environment["TOKEN"] = token;
        using var bash = Process.Start(start)!;
        var output = bash.StandardOutput.ReadToEndAsync(Ct);
        var errors = bash.StandardError.ReadToEndAsync(Ct);
        await bash.WaitForExitAsync(Ct);
        return (bash.ExitCode, await output + await errors);
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
