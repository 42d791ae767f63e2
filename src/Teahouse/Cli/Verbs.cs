using System.CommandLine;

namespace Teahouse.Cli;

/// <summary>The program's verbs. Without one, <c>serve</c>.</summary>
internal static class Verbs
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Teahouse, a self-hosted chat server");
        var serve = ServeVerb.Create();
        root.Add(serve);
        return root.Parse(args.Length == 0 ? ["serve"] : args).InvokeAsync();
    }
}
