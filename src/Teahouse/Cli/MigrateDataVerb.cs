using System.CommandLine;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse migrate-data</c>: moves a site from SQLite to PostgreSQL. No server may run on either: SQLite's lock and a look at the target's connections see to that.</summary>
internal static class MigrateDataVerb
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The site's database: sqlite:PATH", Required = true };
        var to = new Option<string>("--to") { Description = "An empty database: postgres://USER:PASSWORD@HOST:5432/NAME", Required = true };
        var keys = new Option<string?>("--keys") { Description = "The directory of the keys that sign cookies (if not given: keys beside the database, else DATA_DIR/keys)" };
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
        var keyDirectory = FindKeys(keys, path, app.Services.GetRequiredService<Settings>().DataDirectory);
        try
        {
            await SiteCopy.RunAsync(path, connection, keyDirectory, app.Services.GetRequiredService<ILoggerFactory>(), line => output.WriteLine(line), ct);
            return 0;
        }
        catch (CopyException e)
        {
            throw new VerbException(e.Message);
        }
    }

    /// <summary>Before anything is copied: a target that has the site is not empty, and cannot be given the keys by a second try.</summary>
    private static string FindKeys(string? given, string database, string dataDirectory)
    {
        string[] places = given is null ? [Path.Combine(Path.GetDirectoryName(Path.GetFullPath(database)) ?? "", "keys"), Path.Combine(dataDirectory, "keys")] : [given];
        return places.FirstOrDefault(Directory.Exists) ?? throw new VerbException($"There are no keys in {string.Join(" or ", places.Distinct())}. Say by --keys where they are (DATA_DIR/keys of the site): "
            + "without them guests are strangers and outgoing webhooks must be registered anew. For a site that has none, name an empty directory.");
    }
}
