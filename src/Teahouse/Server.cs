using Microsoft.Extensions.Diagnostics.HealthChecks;
using Teahouse.Accounts;
using Teahouse.Cli;
using Teahouse.Hooks;
using Teahouse.Messages;
using Teahouse.Projects;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Web;
using Teahouse.Web.OpenApi;

namespace Teahouse;

/// <summary>Puts the program together: platform, then features in dependency order; nothing is discovered.</summary>
public static class Server
{
    /// <summary>Builds the server, ready to start once its <see cref="Db"/> was opened.</summary>
    /// <param name="overrides">Settings that win over the environment, by the environment's names.</param>
    /// <param name="clock">Another clock than the system's.</param>
    /// <exception cref="SettingException">A setting's value cannot be used.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> overrides, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(Server).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddInMemoryCollection(DotEnv.Read(".env"));
        builder.Configuration.AddEnvironmentVariables();
        builder.Configuration.AddInMemoryCollection(overrides);
        var settings = Settings.Read(builder.Configuration);
        builder.Logging.AddSimpleConsole(console =>
        {
            // One event is one line whatever it contains.
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });

        // It would report every expected no as an error; what is one is logged by Problems.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);

        // It has a line for every visitor who is led to the login page.
        builder.Logging.AddFilter("Teahouse.Accounts.SessionHandler", LogLevel.Warning);

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddStorage(settings.PostgresConnection, settings.DatabasePath, settings.DataDirectory);
        builder.AddWeb(settings);
        builder.Services.AddApiDocument();
        builder.Services.AddRealtime(settings);
        builder.Services.AddAccounts();
        builder.Services.AddRooms();
        builder.Services.AddMessages();
        builder.Services.AddProjects();
        builder.Services.AddSinks();
        builder.Services.AddHooks();
        builder.Services.AddHostedService<ControlSocket>();

        var app = builder.Build();
        app.UseWeb(settings);
        app.UseAccounts();
        app.UsePages(settings);
        app.UseRequestGuard();
        // Probes share their address with the proxy or the neighbours: somebody else's haste must not make the server look dead.
        app.MapHealthChecks("/healthz", new() { Predicate = _ => false }).DisableRateLimiting();
        app.MapHealthChecks("/readyz", new() { ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable } }).DisableRateLimiting();
        app.MapApiDocument();
        var api = app.MapApi();
        api.MapAccounts();
        api.MapRooms();
        app.MapMessages(api);
        app.MapProjects(api);
        api.MapSinks();
        app.MapHooks(api);
        return app;
    }
}
