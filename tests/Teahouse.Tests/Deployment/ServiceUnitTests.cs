using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

[Trait("Speed", "Medium")]
public sealed partial class ServiceUnitTests : IDisposable
{
    private static readonly string Unit = Repository.Read("deploy/teahouse.service");

    private readonly string _folder = Directory.CreateTempSubdirectory("teahouse-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Systemd_finds_nothing_wrong()
    {
        var (exitCode, output) = await AnalyzeAsync(Unit, "verify");

        Assert.True(exitCode == 0 && output.Length == 0, output);
        // It does look.
        Assert.Contains("ProtectSystm", (await AnalyzeAsync(Unit.Replace("ProtectSystem", "ProtectSystm", StringComparison.Ordinal), "verify")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_has_few_rights()
    {
        var (_, output) = await AnalyzeAsync(Unit, "security", "--offline=true");

        var exposure = double.Parse(Exposure().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(exposure <= 1.5, output);
    }

    [Fact]
    public void It_stops_in_good_order_and_has_files_for_its_sockets()
    {
        Assert.Equal("SIGTERM", Value("KillSignal"));
        Assert.True(int.Parse(Value("TimeoutStopSec"), CultureInfo.InvariantCulture) > KnownSettings.Defaults.Drain.TotalSeconds + 1);
        Assert.Equal("on-failure", Value("Restart"));
        Assert.True(int.Parse(Value("LimitNOFILE"), CultureInfo.InvariantCulture) > KnownSettings.Defaults.Sockets);
    }

    [Fact]
    public void Its_state_is_where_it_may_write()
    {
        Assert.Equal("strict", Value("ProtectSystem"));
        var directory = "/var/lib/" + Value("StateDirectory");
        Assert.Contains("DATA_DIR=" + directory, Value("Environment").Split(' '));
        Assert.Equal(directory, Value("WorkingDirectory"));
        Assert.Equal("0700", Value("StateDirectoryMode"));
        Assert.EndsWith(".env", Value("EnvironmentFile"), StringComparison.Ordinal);
    }

    private static string Value(string name) => Assert.Single(Unit.Split('\n'), line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    /// <summary>Asks about the unit with a program that is there.</summary>
    private async Task<(int ExitCode, string Output)> AnalyzeAsync(string unit, params string[] question)
    {
        var file = Path.Combine(_folder, "teahouse.service");
        await File.WriteAllTextAsync(file, unit.Replace("/opt/teahouse/teahouse", "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", [.. question, file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }

    [GeneratedRegex(@"exposure level for teahouse\.service: (\d+\.\d+)")]
    private static partial Regex Exposure();
}
