using System.CommandLine;
using Teahouse.Storage;

namespace Teahouse.Cli;

/// <summary><c>teahouse migrate</c>: brings the database to this version, which opening it does.</summary>
internal static class MigrateVerb
{
    public static Command Create(IVerbRunner runner)
    {
        var command = new Command("migrate", "Bring the database to this version (also done at every start)");
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, ReportAsync, ct));
        return command;
    }

    private static Task ReportAsync(VerbContext context, CancellationToken ct) =>
        context.Output.WriteLineAsync($"The database is up to date ({context.Services.GetRequiredService<Db>().Description}).".AsMemory(), ct);
}
