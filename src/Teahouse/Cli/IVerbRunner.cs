using System.CommandLine;

namespace Teahouse.Cli;

/// <summary>Where a verb's work is done: in the running server that owns the database, or in this process when none runs.</summary>
internal interface IVerbRunner
{
    /// <param name="parsed">The verb as typed.</param>
    /// <param name="takesPassword">Whether a password is asked for first (see <see cref="VerbContext.Password"/>).</param>
    /// <param name="work">What to do where the database is.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="VerbException">The verb could not do what it says.</exception>
    Task<int> RunAsync(ParseResult parsed, bool takesPassword, Func<VerbContext, CancellationToken, Task> work, CancellationToken ct);
}

/// <summary>What a verb works with.</summary>
/// <param name="Services">The services of the process that owns the database; one scope a verb.</param>
/// <param name="Password">What was typed or piped in; null when a password is to be made up.</param>
/// <param name="Output">What the verb prints.</param>
/// <param name="Error">Where it says how far it has come.</param>
/// <param name="Directory">Where the person at the shell is: what their paths begin at.</param>
internal sealed record VerbContext(IServiceProvider Services, string? Password, TextWriter Output, TextWriter Error, string Directory);

/// <summary>A verb could not do what it says; the message is one line for the person at the shell.</summary>
internal sealed class VerbException(string message) : Exception(message);
