using Microsoft.Extensions.Diagnostics.HealthChecks;
using Teahouse.Accounts;
using Teahouse.Admin;
using Teahouse.Cli;
using Teahouse.Django;
using Teahouse.Hooks;
using Teahouse.Jobs;
using Teahouse.Mail;
using Teahouse.Messages;
using Teahouse.Metrics;
using Teahouse.MyData;
using Teahouse.Projects;
using Teahouse.Realtime;
using Teahouse.Retention;
using Teahouse.Rooms;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Web;
using Teahouse.Web.OpenApi;

namespace Teahouse;

/// <summary>Puts the program together: platform, then features in dependency order; nothing is discovered.</summary>
public static class Server
{
    private const string SettingsFile = "appsettings.json";

    /// <summary>Builds the server, ready to start once its <see cref="Db"/> was opened.</summary>
    /// <param name="overrides">Settings that win over the environment, by the environment's names.</param>
    /// <param name="clock">Another clock than the system's.</param>
    /// <param name="works">False where sinks and scheduled work are another process's.</param>
    /// <param name="configure">What to change in the services before they are built.</param>
    /// <exception cref="SettingException">A setting's value cannot be used.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> overrides, TimeProvider? clock = null, bool works = true, Action<IServiceCollection>? configure = null)
    {
        var (app, settings) = BuildUnmapped(overrides, clock, works, configure);
        app.UseWeb(settings);
        app.UseAccounts();
        app.UsePages();
        app.UseRequestGuard();
        MapProbes(app);
        app.MapMetrics();
        app.MapApiDocument();
        var api = app.MapApi();
        api.MapAccounts();
        api.MapRooms();
        app.MapMessages(api);
        app.MapProjects(api);
        api.MapSinks();
        app.MapHooks(api);
        app.MapMyData();
        return app;
    }

    /// <summary>Builds the program's parts for who starts no server. No page and no call is made ready, which is half of what <see cref="Build"/> costs.</summary>
    /// <param name="overrides">As of <see cref="Build"/>.</param>
    /// <exception cref="SettingException">A setting's value cannot be used.</exception>
    public static WebApplication BuildParts(IEnumerable<KeyValuePair<string, string?>> overrides) => BuildUnmapped(overrides, clock: null, works: true, configure: null).App;

    private static (WebApplication App, Settings Settings) BuildUnmapped(
        IEnumerable<KeyValuePair<string, string?>> overrides, TimeProvider? clock, bool works, Action<IServiceCollection>? configure)
    {
        var (builder, settings) = CreateBuilder(overrides, clock);
        builder.AddWeb(settings);
        builder.Services.AddApiDocument();
        builder.Services.AddRealtime(settings, provider => provider.GetRequiredService<Db>().Epoch);
        builder.Services.AddMail();
        builder.Services.AddAccounts();
        builder.Services.AddRooms();
        builder.Services.AddMessages();
        builder.Services.AddProjects();
        builder.Services.AddSinks();
        builder.Services.AddHooks();
        builder.Services.AddDjango();
        builder.Services.AddAdmin();
        builder.Services.AddMyData();
        builder.Services.AddProcessMetrics(settings.Telemetry);
        if (works)
        {
            builder.Services.AddMailWork(settings);
            builder.Services.AddSinkWork();
            builder.Services.AddRetentionWork();
            builder.Services.AddMyDataWork();
            builder.Services.AddJobs();
        }
        builder.Services.AddHostedService<ControlSocket>();
        configure?.Invoke(builder.Services);

        return (builder.Build(), settings);
    }

    /// <summary>Builds the worker: sinks, mail and scheduled work, and no site. Over HTTP it says only whether it lives and is ready.</summary>
    /// <param name="overrides">As of <see cref="Build"/>.</param>
    /// <param name="clock">As of <see cref="Build"/>.</param>
    public static WebApplication BuildWorker(IEnumerable<KeyValuePair<string, string?>> overrides, TimeProvider? clock = null)
    {
        var (builder, settings) = CreateBuilder(overrides, clock);
        builder.WebHost.UseUrls([.. settings.Urls]).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddProcessMetrics(settings.Telemetry);
        builder.Services.AddSinkBasics().AddSinkWork().AddMail().AddMailWork(settings).AddAccountWork().AddMessageWork().AddRetentionWork().AddMyData().AddMyDataWork().AddJobs();
        var app = builder.Build();
        MapProbes(app);
        app.MapMetrics();
        return app;
    }

    /// <summary>The settings of this process without building anything.</summary>
    /// <param name="overrides">As of <see cref="Build"/>.</param>
    /// <exception cref="SettingException">A setting's value cannot be used.</exception>
    public static Settings ReadSettings(IEnumerable<KeyValuePair<string, string?>>? overrides = null) => Settings.Read(new ConfigurationBuilder()
        .AddEnvironmentVariables("ASPNETCORE_")
        .SetBasePath(AppContext.BaseDirectory).AddJsonFile(SettingsFile, optional: true).AddSurroundings().AddInMemoryCollection(overrides ?? []).Build());

    /// <summary>What every role has: settings, logs, the database.</summary>
    private static (WebApplicationBuilder Builder, Settings Settings) CreateBuilder(IEnumerable<KeyValuePair<string, string?>> overrides, TimeProvider? clock)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(Server).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddSurroundings().AddInMemoryCollection(overrides);
        var settings = Settings.Read(builder.Configuration);
        // One event is one line whatever it contains.
        if (settings.LogFormat == LogFormat.Json)
        {
            builder.Logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                console.JsonWriterOptions = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
            });
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
        }

        // It would report every expected no as an error; what is one is logged by Problems.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        // Whoever asks is told; and what is wrong says so itself, once.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // It has a line for every visitor who is led to the login page.
        builder.Logging.AddFilter("Teahouse.Accounts.SessionHandler", LogLevel.Warning);

        // A loop that fails in spite of itself ends alone, with an error in the log: nobody could chat otherwise because of a side table.
        builder.Services.Configure<HostOptions>(options =>
        {
            options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
            options.ShutdownTimeout = StopTimes.WaitingOf(settings.Drain);
        });
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddStorage(settings.PostgresConnection, settings.DatabasePath, settings.DataDirectory);
        return (builder, settings);
    }

    /// <summary>What is said where the program is started; the file beside the program itself is read before.</summary>
    private static IConfigurationBuilder AddSurroundings(this IConfigurationBuilder configuration) => configuration
        .AddJsonFile(Path.Combine(Environment.CurrentDirectory, SettingsFile), optional: true, reloadOnChange: false)
        .AddInMemoryCollection(DotEnv.Read(".env"))
        .AddEnvironmentVariables();

    private static void MapProbes(WebApplication app)
    {
        // Probes share their address with the proxy or the neighbours: somebody else's haste must not make the server look dead.
        app.MapHealthChecks("/healthz", new() { Predicate = _ => false }).WithMetadata(Looking).DisableRateLimiting();
        app.MapHealthChecks("/readyz", new() { ResponseWriter = WriteReadinessAsync, ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable } }).WithMetadata(Looking).DisableRateLimiting();
    }

    private static HttpMethodMetadata Looking { get; } = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>The whole in one word, then each part in a line.</summary>
    private static Task WriteReadinessAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(string.Join('\n', [report.Status.ToString(), .. report.Entries.Select(static part => $"{part.Key}: {part.Value.Description ?? part.Value.Status.ToString()}"), ""]), context.RequestAborted);
    }
}
