using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>A verb as the shell hands it over.</summary>
internal sealed record VerbRequest(string[] Arguments, string? Password, string Directory);

/// <summary>What it did; <paramref name="Error"/> is null when it did what it says.</summary>
internal sealed record VerbReply(string Output, string? Error);

/// <summary>Takes verbs from the shell while the server owns the database: HTTP on a Unix socket in <c>DATA_DIR</c> that only the program's own user may open. It is a
/// listener of its own, so that nothing sent to the site's addresses can ever reach it.</summary>
internal sealed partial class ControlSocket(Settings settings, IServiceScopeFactory scopes, ILogger<ControlSocket> log) : IHostedService
{
    private readonly string _path = PathIn(settings.DataDirectory);
    private WebApplication? _app;

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "control.sock");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            PrivateFiles.CreateDirectory(settings.DataDirectory);
            // One that a killed process left; the lock on the database says that it does not run any more.
            File.Delete(_path);
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(_path));
            builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = endpoint =>
            {
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                // Between bind and listen nobody can connect: there is no moment in which others may.
                PrivateFiles.Restrict(_path);
                return socket;
            });
            _app = builder.Build();
            _app.Run(AnswerAsync);
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // Chat works without; the path may be longer than such a socket's may be.
            LogUnavailable(log, e);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
            await _app.DisposeAsync();
            File.Delete(_path);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || await context.Request.ReadFromJsonAsync<VerbRequest>(context.RequestAborted) is not { } request)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        await using var scope = scopes.CreateAsyncScope();
        string? error = null;
        try
        {
            var configuration = new InvocationConfiguration { Output = output, Error = output, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            // Begun is finished: the shell that asked may be gone, the work is not half done.
            await Verbs.Root(new ServerRunner(scope.ServiceProvider, request)).Parse(request.Arguments).InvokeAsync(configuration, CancellationToken.None);
        }
        catch (VerbException e)
        {
            error = e.Message;
        }
        await context.Response.WriteAsJsonAsync(new VerbReply(output.ToString(), error), context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "control_socket_unavailable", Message = "Verbs of the shell can't reach this server: the control socket could not be opened")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    /// <summary>Runs a verb inside the server.</summary>
    private sealed class ServerRunner(IServiceProvider services, VerbRequest request) : IVerbRunner
    {
        public async Task<int> RunAsync(ParseResult parsed, bool takesPassword, Func<VerbContext, CancellationToken, Task> work, CancellationToken ct)
        {
            try
            {
                await work(new VerbContext(services, request.Password, parsed.InvocationConfiguration.Output, TextWriter.Null, request.Directory), ct);
                return 0;
            }
            catch (RefusedException e)
            {
                throw VerbErrors.From(e, services);
            }
        }
    }
}
