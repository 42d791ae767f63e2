using System.Security.Cryptography;
using System.Text.Json;
using Teahouse.Storage;

namespace Teahouse.Mail;

/// <summary>Writes and sends what is in the outbox, in whichever process works, one letter after the other: woken by those of this process, and by looking now and then for those of others.</summary>
internal sealed partial class MailLoop(MailOutbox outbox, IEnumerable<IMailWriter> writers, SmtpSender sender, Db db, TimeProvider clock, ILogger<MailLoop> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, IMailWriter> _writers = writers.ToDictionary(writer => writer.Kind);
    private readonly WakeUp _woken = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        outbox.Added += _woken.Say;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await _woken.WaitAsync(await SendDueAsync(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what is not sent waits for the next one.
        }
        finally
        {
            outbox.Added -= _woken.Say;
        }
    }

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    /// <summary>Sends what is due; returns how long nothing more will be.</summary>
    private async Task<TimeSpan> SendDueAsync(CancellationToken ct)
    {
        // Where one process has the database, it knows of every letter.
        var sleep = db.IsShared ? Look : LongestSleep;
        try
        {
            while (true)
            {
                var (mail, dueAt) = await outbox.TakeAsync(ct);
                if (mail is null)
                {
                    return dueAt - clock.GetUtcNow() is { } wait && wait < sleep ? (wait > TimeSpan.Zero ? wait : TimeSpan.Zero) : sleep;
                }
                await SendAsync(mail, ct);
            }
        }
        catch (RefusedException e)
        {
            // The database is away, or full: it is asked again.
            LogSkipped(log, e.Refusal.Code);
            return Look;
        }
    }

    private async Task SendAsync(MailRow mail, CancellationToken ct)
    {
        try
        {
            if (clock.GetUtcNow() >= mail.ExpiresAt)
            {
                LogGivenUp(log, mail.Id, mail.Kind, mail.Attempts - 1, "too late");
                await outbox.RemoveAsync(mail.Id);
                return;
            }
            if (_writers.TryGetValue(mail.Kind, out var writer) && await writer.WriteAsync(outbox.Open(mail), ct) is { } letter)
            {
                await sender.SendAsync(letter, NameOf(mail), ct);
                LogSent(log, mail.Id, mail.Kind);
            }
            await outbox.RemoveAsync(mail.Id);
        }
        catch (Exception e) when (e is CryptographicException or JsonException || SmtpSender.IsFinal(e))
        {
            LogGivenUp(log, mail.Id, mail.Kind, mail.Attempts, SmtpSender.Word(e));
            await outbox.RemoveAsync(mail.Id);
        }
#pragma warning disable CA1031 // Whatever it is, the letter's next time comes, and the others' go on.
        catch (Exception e) when (e is not RefusedException && !ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogPutOff(log, mail.Id, mail.Kind, mail.Attempts, SmtpSender.Word(e));
            await outbox.PutOffAsync(mail);
        }
    }

    private static string NameOf(MailRow mail) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"teahouse.{mail.Id}.{mail.ExpiresAt.ToUnixTimeMilliseconds():x}");

    [LoggerMessage(Level = LogLevel.Debug, EventName = "mail_sent", Message = "Mail {Id} ({Kind}) was taken by the mail server")]
    private static partial void LogSent(ILogger logger, long id, string kind);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "mail_put_off", Message = "Mail {Id} ({Kind}) could not be sent, try {Attempts}: {Reason}; it is tried again")]
    private static partial void LogPutOff(ILogger logger, long id, string kind, long attempts, string reason);

    [LoggerMessage(Level = LogLevel.Error, EventName = "mail_given_up", Message = "Mail {Id} ({Kind}) is given up after {Attempts} tries: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, long id, string kind, long attempts, string reason);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "mails_skipped", Message = "The outbox of mail could not be looked at now: {Code}")]
    private static partial void LogSkipped(ILogger logger, string code);
}
