using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>A verb as the shell hands it over; <paramref name="Database"/> is the one it means (<see cref="Settings.DatabaseName"/>).</summary>
internal sealed record VerbRequest(string[] Arguments, string? Password, string Directory, string? Database);

/// <summary>What it did; <paramref name="Error"/> is null when it did what it says.</summary>
internal sealed record VerbReply(string Output, string? Error);

/// <summary>Takes verbs from the shell while the server owns the database: HTTP on a Unix socket in <c>DATA_DIR</c> that only the program's own user may open. It is a
/// listener of its own, so that nothing sent to the site's addresses can ever reach it. It also says where the site listens.</summary>
internal sealed partial class ControlSocket(Settings settings, IServiceScopeFactory scopes, IServer site, ILogger<ControlSocket> log) : IHostedService, IAsyncDisposable
{
    /// <summary>What is asked by GET: a list of addresses.</summary>
    public const string Listening = "/listening";

    private readonly string _path = PathIn(settings.DataDirectory);
    private WebApplication? _app;

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "control.sock");

    /// <summary>By the shorter of its names, for that of a socket may hold about a hundred bytes; null when both are longer.</summary>
    public static UnixDomainSocketEndPoint? FindEndPoint(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        try
        {
            return new UnixDomainSocketEndPoint(relative.Length < path.Length ? relative : path);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            PrivateFiles.CreateDirectory(settings.DataDirectory);
            if (FindEndPoint(_path) is not { } endPoint)
            {
                LogTooLong(log);
                return;
            }
            if (await ControlClient.IsLiveAsync(_path, cancellationToken))
            {
                // The lock on the database says that it is no server of this one.
                LogTaken(log);
                return;
            }
            // One that a killed process left.
            File.Delete(_path);
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(endPoint));
            builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = bound =>
            {
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(bound);
                // Between bind and listen nobody can connect: there is no moment in which others may.
                PrivateFiles.Restrict(_path);
                return socket;
            });
            _app = builder.Build();
            _app.Run(AnswerAsync);
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            // Chat works without.
            await DisposeAsync();
            LogUnavailable(log, e);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
            await DisposeAsync();
        }
    }

    /// <summary>Also where the start did not come to its end: what is left there is this process's own.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.DisposeAsync();
            File.Delete(_path);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path == Listening)
        {
            await context.Response.WriteAsJsonAsync(site.Features.Get<IServerAddressesFeature>()?.Addresses.ToArray() ?? [], context.RequestAborted);
            return;
        }
        if (!HttpMethods.IsPost(context.Request.Method) || await context.Request.ReadFromJsonAsync<VerbRequest>(context.RequestAborted) is not { } request)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        await context.Response.WriteAsJsonAsync(await RunAsync(request), context.RequestAborted);
    }

    private async Task<VerbReply> RunAsync(VerbRequest request)
    {
        if (request.Database is { } meant && meant != settings.DatabaseName)
        {
            return new VerbReply("", $"The server that runs on this DATA_DIR has the database {settings.DatabaseName}, and this command was to go to {meant}. Give it the server's DATABASE_URL, or a DATA_DIR of its own.");
        }
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            var parsed = Verbs.Parse(Verbs.Root(new ServerRunner(scope.ServiceProvider, request)), request.Arguments);
            if (parsed.Errors.Count > 0)
            {
                // The shell's program understood it. Invoked, it would print help and be taken for done.
                return new VerbReply("", $"The running server is of another version and does not know this command; restart it. ({string.Join(' ', parsed.Errors.Select(error => error.Message.ReplaceLineEndings(" ")))})");
            }
            var configuration = new InvocationConfiguration { Output = output, Error = output, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            // Begun is finished: the shell that asked may be gone, the work is not half done.
            await parsed.InvokeAsync(configuration, CancellationToken.None);
            return new VerbReply(output.ToString(), Error: null);
        }
#pragma warning disable CA1031 // Whatever it is, the person at the shell hears that it was not done, and the site's log what it was.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (VerbFaults.Describe(e) is { } line)
            {
                return new VerbReply(output.ToString(), line);
            }
            LogFailed(log, e);
            return new VerbReply(output.ToString(), $"The running server could not do it ({e.GetType().Name}); its log says why (verb_failed).");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "control_socket_unavailable", Message = "Verbs of the shell can't reach this server: the control socket could not be opened")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "control_socket_too_long", Message = "Verbs of the shell can't reach this server: the path of DATA_DIR is too long for a socket in it (about 90 characters)")]
    private static partial void LogTooLong(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "control_socket_taken", Message = "Verbs of the shell can't reach this server: another one, with another database, listens in this DATA_DIR. Give each its own")]
    private static partial void LogTaken(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, EventName = "verb_failed", Message = "A verb of the shell failed")]
    private static partial void LogFailed(ILogger logger, Exception e);

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
