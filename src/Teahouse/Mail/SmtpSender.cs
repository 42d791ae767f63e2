using System.Globalization;
using MailKit.Net.Smtp;
using MimeKit;
using Teahouse.Web;

namespace Teahouse.Mail;

/// <summary>Hands letters to the mail server of <c>SMTP_URL</c>. Thread-safe.</summary>
internal sealed class SmtpSender(Settings settings)
{
    private static readonly SmtpStatusCode[] Final =
    [
        SmtpStatusCode.MailboxUnavailable, SmtpStatusCode.UserNotLocalTryAlternatePath, SmtpStatusCode.ExceededStorageAllocation, SmtpStatusCode.MailboxNameNotAllowed, SmtpStatusCode.TransactionFailed,
    ];

    /// <summary>Returns once the mail server has taken the letter.</summary>
    /// <param name="letter">What is sent.</param>
    /// <param name="id">Unique: a letter that is tried again keeps its name, so that a mail server that has it already may notice.</param>
    /// <param name="ct">Ends the try.</param>
    /// <exception cref="SmtpCommandException">It did not; see <see cref="IsFinal"/>. What <see cref="SmtpSession.OpenAsync"/> throws may come too.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    public async Task SendAsync(Letter letter, string id, CancellationToken ct)
    {
        var (server, from) = (settings.Mail.Server ?? throw new InvalidOperationException("No mail server is set."), settings.Mail.From ?? throw new InvalidOperationException("Nobody writes."));
        using var message = new MimeMessage
        {
            Subject = OneLine(letter.Subject),
            MessageId = $"{id}@{new IdnMapping().GetAscii(from.Host)}",
            // Long lines and lone dots are the mail server's concern no longer.
            Body = new TextPart("plain") { Text = letter.Body.ReplaceLineEndings("\r\n"), ContentTransferEncoding = ContentEncoding.Base64 },
        };
        message.From.Add((MailboxAddress)from);
        message.To.Add(MailboxAddress.Parse(letter.To));
        // No holiday notice answers it (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(settings.Mail.Timeout);
        try
        {
            using var client = await SmtpSession.OpenAsync(server, limit.Token);
            await client.SendAsync(message, limit.Token);
            await SmtpSession.CloseAsync(client, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException("The mail server took too long.");
        }
    }

    /// <summary>Trying again would get the same answer: the mail server wants nothing of this address, or of this letter. That it wants nothing of us a person may put right.</summary>
    public static bool IsFinal(Exception e) => e is FormatException
        || (e is SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted } refusal && Final.Contains(refusal.StatusCode));

    /// <summary>What failed, for the log, without any address.</summary>
    public static string Word(Exception e) => e is SmtpCommandException refusal ? string.Create(CultureInfo.InvariantCulture, $"answer {(int)refusal.StatusCode}") : e.GetType().Name;

    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}
