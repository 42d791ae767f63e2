using System.Net;
using Microsoft.Data.Sqlite;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Medium")]
public sealed class ServeVerbTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task The_database_of_another_program_is_left_as_it_is()
    {
        var path = Path.Combine(_data, "foreign.db");
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync(Ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE users (id INTEGER)";
            await command.ExecuteNonQueryAsync(Ct);
        }
        var before = await File.ReadAllBytesAsync(path, Ct);
        await File.WriteAllTextAsync(Path.Combine(_data, "bad.db"), new string('x', 5000), Ct);

        foreach (var (file, told) in ((string, string)[])[("foreign.db", "another program"), ("bad.db", "not a database")])
        {
            var (exitCode, output) = await ProgramProcess.RunAsync(["migrate"], settings: [("DATA_DIR", _data), ("DATABASE_URL", $"sqlite:{_data}/{file}")]);

            Assert.Equal(1, exitCode);
            Assert.Contains(told, Assert.Single(output.Split('\n')), StringComparison.Ordinal);
            Assert.Contains("DATABASE_URL", output, StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Ct));
    }

    [Theory, InlineData("web"), InlineData("worker")]
    public async Task On_SQLite_one_process_does_everything(string role)
    {
        var (exitCode, output) = await ProgramProcess.RunAsync(["serve", "--role", role], settings: [("DATA_DIR", _data), ("URLS", "http://127.0.0.1:0")]);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(output.Split('\n'));
        Assert.StartsWith("--role " + role, line, StringComparison.Ordinal);
        Assert.Contains("PostgreSQL", line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_data));
    }

    [Fact]
    public async Task Another_role_is_refused_with_those_there_are()
    {
        var (exitCode, output) = await ProgramProcess.RunAsync(["serve", "--role", "boss"], settings: ("DATA_DIR", _data));

        Assert.Equal(1, exitCode);
        Assert.All((string[])["boss", "all", "web", "worker"], word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_is_asked_under_a_name_the_server_goes_by()
    {
        await using var program = await ProgramProcess.ServeAsync(_data, ("ALLOWED_HOSTS", "tea.example,*.tea.example"));
        (string, string)[] settings = [("URLS", program.Address.ToString().Replace("127.0.0.1", "*", StringComparison.Ordinal)), ("ALLOWED_HOSTS", "tea.example")];

        Assert.Equal((0, $"{program.Address} is ready."), await ProgramProcess.RunAsync(["health"], settings: settings));

        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = program.Address };
        using var strange = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, strange.StatusCode);
        var (exitCode, output) = await ProgramProcess.RunAsync(["health"], settings: [settings[0], ("ALLOWED_HOSTS", "localhost")]);
        Assert.Equal(1, exitCode);
        Assert.Contains("400", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_asked_wherever_the_server_listens()
    {
        await using var program = await ProgramProcess.ServeAsync(_data);

        Assert.Equal((0, $"{program.Address} is ready."), await ProgramProcess.RunAsync(["health"], settings: ("DATA_DIR", _data)));
    }

    [Fact]
    public async Task Health_of_nobody_is_bad()
    {
        var (exitCode, output) = await ProgramProcess.RunAsync(["health"], settings: ("URLS", "http://127.0.0.1:1"));

        Assert.Equal(1, exitCode);
        Assert.Contains("http://127.0.0.1:1/ does not answer", Assert.Single(output.Split('\n')), StringComparison.Ordinal);
    }
}
