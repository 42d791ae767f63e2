using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Teahouse.Cli;

/// <summary>A verb whose help ends with examples.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Lines as typed.</summary>
    public IReadOnlyList<string> Examples => examples;
}

/// <summary>Help as the library gives it, and the verb's examples behind it.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction inner) : SynchronousCommandLineAction
{
    private static readonly string[] First = ["teahouse serve", "teahouse user add alice --admin", "teahouse backup site.tar.gz", "teahouse doctor"];

    public override int Invoke(ParseResult parseResult)
    {
        var result = inner.Invoke(parseResult);
        var examples = parseResult.CommandResult.Command switch
        {
            Verb verb => verb.Examples,
            RootCommand => First,
            _ => [],
        };
        var output = parseResult.InvocationConfiguration.Output;
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
        }
        foreach (var line in examples)
        {
            output.WriteLine("  " + line);
        }
        output.WriteLine();
        return result;
    }

    /// <summary>Puts it in the place of the library's own.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is SynchronousCommandLineAction library)
            {
                option.Action = new HelpWithExamples(library);
            }
        }
    }
}
