using System.Net;
using System.Security.Cryptography;
using System.Text;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>The first start, while there is no account: <c>/setup/</c> makes the first administrator. Who is not on this machine must know the code in
/// the log, or the first passer-by would own the site. Thread-safe.</summary>
internal sealed partial class FirstRun(Settings settings, Db db, NameBook names, DecoyPassword decoy, ILogger<FirstRun> log) : BackgroundService
{
    /// <summary>True while there is no account.</summary>
    public async ValueTask<bool> IsPendingAsync(CancellationToken ct) => !await names.HasAccountsAsync(ct);

    /// <summary>True when the code must be given: the server can be reached from other machines, directly or through a proxy.</summary>
    public bool AsksForCode(HttpContext context) =>
        settings.Urls.Any(url => !IsLoopback(url)) || context.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address);

    public bool IsCode(string? given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given?.Trim().ToUpperInvariant() ?? ""), Encoding.UTF8.GetBytes(db.SetupCode));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start's path: a tenth of a second of hashing.
        await Task.Yield();
        decoy.Prepare();
        try
        {
            if (await IsPendingAsync(stoppingToken))
            {
                LogFirstRun(log, db.SetupCode);
            }
        }
        catch (RefusedException)
        {
            // The database went away a moment after it was opened; another start, or another node, says it.
        }
#pragma warning disable CA1031 // A site that cannot tell whether it has accounts says so to whoever asks; it does not end for that.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotKnown(log, e);
        }
    }

    private static bool IsLoopback(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.IsLoopback;

    [LoggerMessage(Level = LogLevel.Error, EventName = "first_run_unknown", Message = "Whether there is an account could not be found out")]
    private static partial void LogNotKnown(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "first_run",
        Message = "There is no account yet. Open /setup/ to make the first administrator; from another machine it asks for this code: {Code}")]
    private static partial void LogFirstRun(ILogger logger, string code);
}
