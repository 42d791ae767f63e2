using System.CommandLine;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse migrate-data</c>: moves a site from SQLite to PostgreSQL. No server may run on either; SQLite's lock sees to that, and the tables of the target are locked.</summary>
internal static class MigrateDataVerb
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The site's database: sqlite:PATH", Required = true };
        var to = new Option<string>("--to") { Description = "An empty database: postgres://USER:PASSWORD@HOST:5432/NAME", Required = true };
        var keys = new Option<string?>("--keys") { Description = "The directory of the keys that sign cookies (DATA_DIR/keys if not given)" };
        var command = new Verb("migrate-data", "Copy a whole site from SQLite to an empty PostgreSQL database, and check the copy",
            "teahouse migrate-data --from sqlite:data/teahouse.db --to postgres://teahouse:password@db.example:5432/teahouse") { from, to, keys };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetValue(keys), parsed.InvocationConfiguration.Output, ct));
        return command;
    }

    private static async Task<int> RunAsync(string from, string to, string? keys, TextWriter output, CancellationToken ct)
    {
        var path = SettingReader.ParseSqlite("--from", from);
        var connection = PostgresUrl.Is(to) ? PostgresUrl.Parse("--to", to) : throw new SettingException("--to", "…", "postgres://USER:PASSWORD@HOST:5432/NAME");
        if (!File.Exists(path))
        {
            throw new VerbException($"There is no database {path}.");
        }
        await using var app = VerbText.BuildQuietly();
        keys ??= Path.Combine(app.Services.GetRequiredService<Settings>().DataDirectory, "keys");
        try
        {
            await SiteCopy.RunAsync(path, connection, keys, app.Services.GetRequiredService<ILoggerFactory>(), line => output.WriteLine(line), ct);
            return 0;
        }
        catch (CopyException e)
        {
            throw new VerbException(e.Message);
        }
    }
}
