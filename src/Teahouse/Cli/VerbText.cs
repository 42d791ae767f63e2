using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Teahouse.Cli;

/// <summary>What verbs have in common: how help shows examples, how a script is answered, and a program that keeps standard output to the verb.</summary>
internal static class VerbText
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // Names in any script, for who reads it with their own eyes; it is no part of a page.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    public static Option<bool> JsonOption() => new("--json") { Description = "Answer with JSON on standard output, for scripts" };

    /// <summary>The answer to a script: one line.</summary>
    public static Task WriteJsonAsync(ParseResult parsed, object answer) => WriteJsonAsync(parsed.InvocationConfiguration.Output, answer);

    /// <inheritdoc cref="WriteJsonAsync(ParseResult, object)"/>
    public static Task WriteJsonAsync(TextWriter output, object answer) => output.WriteLineAsync(JsonSerializer.Serialize(answer, Json));

    /// <summary>The program's parts without a server. Standard output is the verb's; only what needs a person is logged.</summary>
    public static WebApplication BuildQuietly() => Server.BuildParts([new("Logging:LogLevel:Default", "Warning"), new("Logging:Console:LogToStandardErrorThreshold", "Trace")]);
}
