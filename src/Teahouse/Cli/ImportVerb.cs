using System.CommandLine;
using Teahouse.Django;

namespace Teahouse.Cli;

/// <summary><c>teahouse import django</c>: takes over a site of an older system.</summary>
internal static class ImportVerb
{
    private const string Actor = "shell";

    public static Command Create(IVerbRunner runner) => new("import", "Take over the site of another program") { Django(runner) };

    private static Verb Django(IVerbRunner runner)
    {
        var database = new Option<string>("--database") { Description = "The SQLite file of the Django site; it is only read", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Change nothing, and say what would be done" };
        var merge = new Option<bool>("--merge") { Description = "Accounts that were made here are the same people as those of the same name there (otherwise those get another name)" };
        var zone = new Option<string>("--time-zone") { Description = "The zone of the times in the file, for a site with USE_TZ = False", DefaultValueFactory = _ => "UTC" };
        zone.Validators.Add(result =>
        {
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(result.GetValueOrDefault<string>() ?? "", out _))
            {
                result.AddError("--time-zone takes an IANA time zone such as Asia/Taipei.");
            }
        });
        var json = VerbText.JsonOption();
        var command = new Verb("django", "Take accounts (their passwords keep working), rooms, project chats and messages from a Django site's SQLite file. Done again, it takes what is new since",
            "teahouse import django --database db.sqlite3 --dry-run", "teahouse import django --database db.sqlite3", "teahouse import django --database old.sqlite3 --time-zone Asia/Taipei --merge")
        {
            database, dryRun, merge, zone, json,
        };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, async (context, cancel) =>
        {
            var input = new ImportDjangoInput(Path.GetFullPath(parsed.GetRequiredValue(database), context.Directory), TimeZoneInfo.FindSystemTimeZoneById(parsed.GetRequiredValue(zone)),
                parsed.GetValue(dryRun), parsed.GetValue(merge));
            var progress = new Progress(context.Error, "rooms", context.Services.GetRequiredService<TimeProvider>());
            try
            {
                var report = await context.Services.GetRequiredService<ImportDjango>().ExecuteAsync(input, Actor, progress.Report, cancel);
                progress.Finish();
                await WriteAsync(context, report, parsed.GetValue(json));
            }
            catch (ImportException e)
            {
                throw new VerbException(e.Message);
            }
        }, ct));
        return command;
    }

    private static async Task WriteAsync(VerbContext context, ImportReport report, bool isJson)
    {
        if (isJson)
        {
            await VerbText.WriteJsonAsync(context.Output, report);
            return;
        }
        foreach (var line in report.Lines())
        {
            await context.Output.WriteLineAsync(line);
        }
        if (!report.DryRun && !await context.Services.GetRequiredService<Accounts.AccountQueries>().AnyAdministratorAsync(CancellationToken.None))
        {
            await context.Output.WriteLineAsync("There is no administrator. Make one: teahouse user add NAME --admin");
        }
    }
}
