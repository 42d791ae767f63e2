using System.CommandLine;
using System.Globalization;
using Teahouse.Sinks;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Web;

namespace Teahouse.Cli.Doctor;

/// <summary><c>teahouse doctor</c>: looks at everything that the program needs, by the same settings, beside a running server or without one.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var json = VerbText.JsonOption();
        var command = new Verb("doctor", "Check database, Redis, Google key, mail server, clock and disk: a line each. Exit code 1 if one fails", "teahouse doctor", "teahouse doctor --json") { json };
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool isJson, CancellationToken ct)
    {
        await using var app = VerbText.BuildQuietly();
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
        StartCheck.MakeDataDirectory(app.Services.GetRequiredService<Settings>());
        var findings = await FindAsync(app.Services, ct);
        var isWell = findings.All(finding => finding.State != Health.Fail);
        if (isJson)
        {
            await VerbText.WriteJsonAsync(parsed, new { ok = isWell, checks = findings.Select(finding => new { finding.Name, state = Word(finding.State), finding.Detail }) });
        }
        foreach (var finding in isJson ? [] : findings)
        {
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Word(finding.State),-5} {finding.Name,-9} {finding.Detail}");
        }
        return isWell ? 0 : 1;
    }

    private static async Task<List<Finding>> FindAsync(IServiceProvider services, CancellationToken ct)
    {
        var (settings, clock) = (services.GetRequiredService<Settings>(), services.GetRequiredService<TimeProvider>());
        return
        [
            .. settings.PostgresConnection is { } postgres ? await PostgresCheck.RunAsync(postgres, clock, ct) : await SqliteCheck.RunAsync(settings.DatabasePath, clock.GetUtcNow(), ct),
            .. await RedisPing.RunAsync(settings.Redis, clock),
            await GoogleCheck.RunAsync(settings.Google, services.GetRequiredService<ServiceAccounts>(), services.GetRequiredService<SinkWords>(), ct),
            await SmtpCheck.RunAsync(settings.Mail.Server, ct),
            .. LinksCheck.Run(settings.Mail, services.GetRequiredService<SiteAddress>()),
            DiskCheck.Run(settings.PostgresConnection is null ? Path.GetDirectoryName(settings.DatabasePath) ?? settings.DataDirectory : settings.DataDirectory),
        ];
    }

    private static string Word(Health state) => state.ToString().ToLowerInvariant();
}
