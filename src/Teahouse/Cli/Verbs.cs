using System.CommandLine;
using Teahouse.Cli.Doctor;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>The program's verbs. Without one, <c>serve</c>. A verb returns 0 when it did what it says, and 1 with a line on standard error when it did not.</summary>
internal static class Verbs
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = Root(new ShellRunner());
        root.Add(ServeVerb.Create());
        root.Add(MigrateDataVerb.Create());
        root.Add(HealthVerb.Create());
        root.Add(ExportVerb.Create());
        root.Add(BackupVerbs.CreateBackup());
        root.Add(BackupVerbs.CreateRestore());
        root.Add(DoctorVerb.Create());
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // The server stops in good order by itself, and that is a success; this would make it 143.
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await root.Parse(args.Length == 0 ? ["serve"] : args).InvokeAsync(configuration);
        }
        catch (Exception e) when (e is SettingException or DatabaseInUseException or DatabaseUnreachableException or SchemaException or VerbException)
        {
            await configuration.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    /// <summary>The verbs that work on the database, run wherever <paramref name="runner"/> runs them.</summary>
    public static RootCommand Root(IVerbRunner runner) => new("Teahouse, a self-hosted chat server")
    {
        UserVerbs.Create(runner),
        TokenVerbs.Create(runner),
        MigrateVerb.Create(runner),
        ImportVerb.Create(runner),
    };
}
