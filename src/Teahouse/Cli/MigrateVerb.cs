using System.CommandLine;
using Teahouse.Storage;

namespace Teahouse.Cli;

/// <summary><c>teahouse migrate</c>: brings the database to this version, which opening it does.</summary>
internal static class MigrateVerb
{
    public static Command Create(IVerbRunner runner)
    {
        var json = VerbText.JsonOption();
        var command = new Verb("migrate", "Bring the database to this version (also done at every start)", "teahouse migrate") { json };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, (context, cancel) => ReportAsync(context, parsed.GetValue(json), cancel), ct));
        return command;
    }

    private static Task ReportAsync(VerbContext context, bool isJson, CancellationToken ct)
    {
        var database = context.Services.GetRequiredService<Db>().Description;
        return isJson
            ? VerbText.WriteJsonAsync(context.Output, new { database, schema = Migrator.List()[^1].Name })
            : context.Output.WriteLineAsync($"The database is up to date ({database}).".AsMemory(), ct);
    }
}
