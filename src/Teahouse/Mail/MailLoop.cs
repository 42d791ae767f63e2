using System.Security.Cryptography;
using System.Text.Json;
using Teahouse.Storage;

namespace Teahouse.Mail;

/// <summary>Writes and sends what is in the outbox, in whichever process works, one letter after the other: woken by those of this process, and by looking now and then for those of others.</summary>
internal sealed partial class MailLoop(MailOutbox outbox, IEnumerable<IMailWriter> writers, SmtpSender sender, Db db, TimeProvider clock, ILogger<MailLoop> log) : SteadyLoop(Look, log)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, IMailWriter> _writers = writers.ToDictionary(writer => writer.Kind);

    protected override void Begin() => outbox.Added += Woken.Say;

    protected override Task EndAsync()
    {
        outbox.Added -= Woken.Say;
        return Task.CompletedTask;
    }

    protected override async Task<TimeSpan> TurnAsync(CancellationToken ct)
    {
        // Where one process has the database, it knows of every letter.
        var sleep = db.IsShared ? Look : LongestSleep;
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

    private async Task SendAsync(MailRow mail, CancellationToken ct)
    {
        try
        {
            if (clock.GetUtcNow() >= mail.ExpiresAt)
            {
                LogGivenUp(Log, mail.Id, mail.Kind, mail.Attempts - 1, "too late");
                await outbox.RemoveAsync(mail.Id);
                return;
            }
            if (_writers.TryGetValue(mail.Kind, out var writer) && await writer.WriteAsync(outbox.Open(mail), ct) is { } letter)
            {
                await sender.SendAsync(letter, NameOf(mail), ct);
                LogSent(Log, mail.Id, mail.Kind);
            }
            await outbox.RemoveAsync(mail.Id);
        }
        catch (Exception e) when (e is CryptographicException or JsonException || SmtpSender.IsFinal(e))
        {
            LogGivenUp(Log, mail.Id, mail.Kind, mail.Attempts, SmtpSender.Word(e));
            await outbox.RemoveAsync(mail.Id);
        }
#pragma warning disable CA1031 // Whatever it is, the letter's next time comes, and the others' go on.
        catch (Exception e) when (e is not RefusedException && !ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogPutOff(Log, mail.Id, mail.Kind, mail.Attempts, SmtpSender.Word(e));
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
}
