using System.CommandLine;
using System.Globalization;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>Runs a verb for the shell: through the control socket when a server owns the database, otherwise here.</summary>
internal sealed class ShellRunner : IVerbRunner
{
    /// <summary>A server that is just starting or stopping holds the database without answering yet.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<int> RunAsync(ParseResult parsed, bool takesPassword, Func<VerbContext, CancellationToken, Task> work, CancellationToken ct)
    {
        // Standard output is the verb's; only what needs a person is logged.
        await using var app = VerbText.BuildQuietly();
        var password = takesPassword ? await Terminal.GetPasswordAsync(parsed, ct) : null;
        var output = parsed.InvocationConfiguration.Output;
        var socket = ControlSocket.PathIn(app.Services.GetRequiredService<Settings>().DataDirectory);
        var clock = TimeProvider.System;
        for (var begun = clock.GetTimestamp(); ;)
        {
            if (await ControlClient.TryRunAsync(socket, new VerbRequest([.. parsed.Tokens.Select(token => token.Value)], password, Environment.CurrentDirectory), ct) is { } reply)
            {
                await output.WriteAsync(reply.Output);
                return reply.Error is null ? 0 : throw new VerbException(reply.Error);
            }
            try
            {
                await app.Services.GetRequiredService<Db>().OpenAsync(ct);
                break;
            }
            catch (DatabaseInUseException) when (clock.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
            }
        }
        await using var scope = app.Services.CreateAsyncScope();
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
        try
        {
            await work(new VerbContext(scope.ServiceProvider, password, output, parsed.InvocationConfiguration.Error, Environment.CurrentDirectory), ct);
            return 0;
        }
        catch (RefusedException e)
        {
            throw VerbErrors.From(e, scope.ServiceProvider);
        }
    }
}
