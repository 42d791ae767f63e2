using System.CommandLine;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse serve</c>: the server.</summary>
internal static partial class ServeVerb
{
    private const string All = "all";
    private const string Web = "web";
    private const string Worker = "worker";

    public static Command Create()
    {
        var urls = new Option<string?>("--urls") { Description = "Addresses to listen on, separated by ; (overrides URLS and PORT)" };
        var role = new Option<string>("--role")
        {
            Description = "all: everything; web: pages, API and sockets; worker: sinks and scheduled work. One without the other needs PostgreSQL",
            DefaultValueFactory = _ => All,
        };
        role.AcceptOnlyFromAmong(All, Web, Worker);
        var command = new Verb("serve", "Run the server (what happens without a verb, too)",
            "teahouse serve", "teahouse serve --urls http://0.0.0.0:8000", "teahouse serve --role worker") { urls, role };
        command.SetAction((parsed, ct) => ServeAsync(parsed.GetValue(urls), parsed.GetRequiredValue(role), ct));
        return command;
    }

    private static async Task<int> ServeAsync(string? urls, string role, CancellationToken ct)
    {
        KeyValuePair<string, string?>[] overrides = urls is null ? [] : [new("URLS", urls)];
        var settings = Server.ReadSettings(overrides);
        if (role != All && settings.PostgresConnection is null)
        {
            throw new VerbException($"--role {role}: web and worker apart need PostgreSQL (DATABASE_URL=postgres://…). With SQLite one process does everything: leave --role out.");
        }
        // Before anything is built: its parts need the directory.
        StartCheck.MakeDataDirectory(settings);
        StartCheck.TryAddresses(settings);
        await using var app = role == Worker ? Server.BuildWorker(overrides) : Server.Build(overrides, works: role == All);
        await app.Services.GetRequiredService<Db>().OpenAsync(ct);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServeVerb));
        if (settings.Mail.IsOn && !app.Services.GetRequiredService<SiteAddress>().IsForOthers)
        {
            LogNoPublicUrl(log);
        }
        try
        {
            await app.StartAsync(ct);
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop before it had begun: nobody was let in yet.
            LogStoppedEarly(log);
            return 0;
        }
        await app.WaitForShutdownAsync(ct);
        return 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "public_url_missing", Message = "PUBLIC_URL is not set: links in letters that nobody's request has asked for lead to this machine itself")]
    private static partial void LogNoPublicUrl(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, EventName = "stopped_early", Message = "Stopped while starting")]
    private static partial void LogStoppedEarly(ILogger logger);
}
