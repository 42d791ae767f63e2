using System.CommandLine;
using System.CommandLine.Invocation;
using Teahouse.Cli.Doctor;

namespace Teahouse.Cli;

/// <summary>The program's verbs. Without one, <c>serve</c>. A verb returns 0 when it did what it says, and 1 with a line on standard error when it did not.</summary>
internal static class Verbs
{
    private const string Description = "Teahouse, a self-hosted chat server. A verb exits with 0 when it did what it says, and with 1 and a line on standard error when it did not";

    public static async Task<int> RunAsync(string[] args)
    {
        var runner = new ShellRunner(args);
        var root = new RootCommand(Description)
        {
            ServeVerb.Create(),
            UserVerbs.Create(runner),
            TokenVerbs.Create(runner),
            MigrateVerb.Create(runner),
            BackupVerbs.CreateBackup(),
            BackupVerbs.CreateRestore(),
            ExportVerb.Create(),
            ImportVerb.Create(runner),
            MigrateDataVerb.Create(),
            DoctorVerb.Create(),
            HealthVerb.Create(),
        };
        HelpWithExamples.AddTo(root);
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // The server stops in good order by itself, and that is a success; this would make it 143.
            ProcessTerminationTimeout = null,
        };
        try
        {
            var parsed = Parse(root, args.Length == 0 ? ["serve"] : args);
            if (parsed.Action is ParseErrorAction mistake)
            {
                // A line says what is wrong; pages of help would hide it.
                mistake.ShowHelp = false;
            }
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e) when (VerbFaults.Describe(e) is { } line)
        {
            await configuration.Error.WriteLineAsync(line);
            return 1;
        }
    }

    /// <summary>Reads what was typed as it was typed.</summary>
    public static ParseResult Parse(RootCommand root, string[] args) =>
        // Names may begin with @, and are no files with more arguments.
        root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>The verbs that are handed to a running server, as that runs them.</summary>
    public static RootCommand Root(IVerbRunner runner) => new(Description)
    {
        UserVerbs.Create(runner),
        TokenVerbs.Create(runner),
        MigrateVerb.Create(runner),
        ImportVerb.Create(runner),
    };
}
