using System.CommandLine;
using System.Globalization;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>Runs a verb for the shell: through the control socket when a server owns the database, otherwise here.</summary>
/// <param name="arguments">The verb as typed. Its tokens would be read otherwise by the server: those of <c>--name=--scope=read</c> are two options.</param>
internal sealed class ShellRunner(string[] arguments) : IVerbRunner
{
    /// <summary>A server that is just starting or stopping holds the database without answering yet.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<int> RunAsync(ParseResult parsed, bool takesPassword, Func<VerbContext, CancellationToken, Task> work, CancellationToken ct)
    {
        var settings = Server.ReadSettings();
        StartCheck.MakeDataDirectory(settings);
        var socket = ControlSocket.PathIn(settings.DataDirectory);
        var request = new VerbRequest(arguments, takesPassword ? await Terminal.GetPasswordAsync(parsed, ct) : null, Environment.CurrentDirectory, settings.DatabaseName);
        if (await TryThereAsync(socket, request, parsed.InvocationConfiguration.Output, ct))
        {
            return 0;
        }
        await using var app = VerbText.BuildQuietly();
        var clock = TimeProvider.System;
        for (var begun = clock.GetTimestamp(); ;)
        {
            try
            {
                await app.Services.GetRequiredService<Db>().OpenAsync(ct);
                break;
            }
            catch (DatabaseInUseException) when (ControlSocket.FindEndPoint(socket) is null)
            {
                throw new VerbException($"DATA_DIR={settings.DataDirectory}: a server owns its database, and the path is too long for a socket by which it could be asked (about 90 characters). Stop it, or give the directory a shorter path.");
            }
            catch (DatabaseInUseException) when (clock.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
            }
            if (await TryThereAsync(socket, request, parsed.InvocationConfiguration.Output, ct))
            {
                return 0;
            }
        }
        return await RunHereAsync(app.Services, parsed, request, work, ct);
    }

    /// <summary>False when no server listens there.</summary>
    private static async Task<bool> TryThereAsync(string socket, VerbRequest request, TextWriter output, CancellationToken ct)
    {
        if (await ControlClient.TryRunAsync(socket, request, ct) is not { } reply)
        {
            return false;
        }
        await output.WriteAsync(reply.Output);
        return reply.Error is null ? true : throw new VerbException(reply.Error);
    }

    private static async Task<int> RunHereAsync(IServiceProvider services, ParseResult parsed, VerbRequest request, Func<VerbContext, CancellationToken, Task> work, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
        try
        {
            await work(new VerbContext(scope.ServiceProvider, request.Password, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, request.Directory), ct);
            return 0;
        }
        catch (RefusedException e)
        {
            throw VerbErrors.From(e, scope.ServiceProvider);
        }
    }
}
