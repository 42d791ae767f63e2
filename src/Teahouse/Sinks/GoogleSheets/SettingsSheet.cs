using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Keeps the one sink that <c>GOOGLE_CREDS_PATH</c>, <c>GOOGLE_SHEET_ID</c> and <c>GOOGLE_SHEET_NAME</c> describe in step with them. It begins with the first message ever said. Taken out of the
/// settings it is paused, not forgotten. Whatever is wrong with it, the program starts.</summary>
internal sealed partial class SettingsSheet(SinkStore store, SinkQueries queries, ServiceAccounts accounts, Db db, Settings settings, ILogger<SettingsSheet> log) : IHostedService
{
    /// <summary>What goes away when a setting or the key file is put right.</summary>
    private static readonly string[] OfSettings = ["key_missing", "key_unreadable", "not_set"];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await KeepInStepAsync(cancellationToken);
        }
        catch (RefusedException e)
        {
            LogNotKept(log, e.Refusal.Code);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task KeepInStepAsync(CancellationToken ct)
    {
        var known = await queries.FindByOriginAsync(SinkRow.SettingsOrigin, ct);
        if (settings.Google.SheetId is not { } spreadsheet)
        {
            if (known is { IsPaused: false })
            {
                await db.WriteAsync(session => store.PauseAsync(session, known.Id, new SinkReason("not_set")), ct);
            }
            return;
        }
        var config = new SheetConfig { Spreadsheet = spreadsheet, Tab = settings.Google.SheetName };
        var id = known?.Id ?? await CreateAsync(config, ct);
        if (known is not null && known.Config != config.ToString())
        {
            await db.WriteAsync(session => store.ConfigureAsync(session, known.Id, known.Name, config.ToString()), ct);
        }
        if (known is { IsPaused: true, Reason: { } reason } && OfSettings.Contains(SinkReason.Parse(reason).Code))
        {
            await db.WriteAsync(session => store.ResumeAsync(session, id), ct);
        }
        try
        {
            await accounts.FindAsync(config, ct);
        }
        catch (GoogleException e)
        {
            LogNoKey(log, e.Reason.ToString());
            await db.WriteAsync(session => store.PauseAsync(session, id, e.Reason), ct);
        }
    }

    private Task<long> CreateAsync(SheetConfig config, CancellationToken ct)
    {
        var sink = new NewSink { Kind = SheetTarget.SheetKind, Name = config.Tab, Origin = SinkRow.SettingsOrigin, Config = config.ToString(), CursorId = 0 };
        return db.WriteAsync(session => store.CreateAsync(session, sink), ct);
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "sheet_key_bad", Message = "Google Sheet: the key of GOOGLE_CREDS_PATH cannot be used, so nothing is delivered until it can ({Reason})")]
    private static partial void LogNoKey(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sheet_settings_not_kept", Message = "Google Sheet: the settings could not be written down now: {Code}")]
    private static partial void LogNotKept(ILogger logger, string code);
}
