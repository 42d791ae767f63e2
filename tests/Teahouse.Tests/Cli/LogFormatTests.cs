using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Slow")]
public sealed class LogFormatTests
{
    [Fact]
    public async Task With_LOG_FORMAT_json_every_line_is_an_event()
    {
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(data, ("LOG_FORMAT", "json")))
        {
            program.Terminate();
            await program.WaitForExitAsync();
            var events = program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();

            Assert.True(events.Count > 2);
            Assert.All(events, each => Assert.True(DateTimeOffset.TryParse((string?)each["Timestamp"], out _) && each["LogLevel"] is not null && each["Category"] is not null));
            Assert.Contains(events, each => ((string)each["Message"]!).StartsWith("Database opened with", StringComparison.Ordinal));
        }
        Directory.Delete(data, recursive: true);
    }
}
