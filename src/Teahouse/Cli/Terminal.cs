using System.CommandLine;
using System.Text;

namespace Teahouse.Cli;

/// <summary>The person, or the pipe, at the shell.</summary>
internal static class Terminal
{
    /// <summary>A line of standard input; also what the option of that name is called.</summary>
    public const string PasswordStdin = "--password-stdin";

#pragma warning disable RS0030 // Only a terminal can be asked without showing what is typed, and only here.
    /// <summary>Standard error is a screen, not a file or a pipe.</summary>
    public static bool IsErrorShown => !Console.IsErrorRedirected;

    /// <summary>Standard output is a screen, not a file or a pipe.</summary>
    public static bool IsOutputShown => !Console.IsOutputRedirected;

    /// <summary>Standard output for bytes as they are.</summary>
    public static Stream OpenOutput() => Console.OpenStandardOutput();

    /// <summary>The password from a pipe or typed twice without being shown; null when there is nobody to ask.</summary>
    /// <exception cref="VerbException">Nothing came, or what was typed differs.</exception>
    public static async Task<string?> GetPasswordAsync(ParseResult parsed, CancellationToken ct)
    {
        if (parsed.GetValue<bool>(PasswordStdin))
        {
            return await Console.In.ReadLineAsync(ct) is { Length: > 0 } line ? line : throw new VerbException("No password came on standard input.");
        }
        if (Console.IsInputRedirected)
        {
            return null;
        }
        var password = Ask("Password: ");
        return password == Ask("Password again: ") ? password : throw new VerbException("The two passwords differ.");
    }

    private static string Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace && typed.Length > 0)
            {
                typed.Length--;
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }
#pragma warning restore RS0030
}
