using System.Net.Mail;
using System.Net.Mime;
using System.Text;
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
    /// <exception cref="SmtpException">It did not; see <see cref="IsFinal"/>.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    public async Task SendAsync(Letter letter, string id, CancellationToken ct)
    {
        var (server, from) = (settings.Mail.Server ?? throw new InvalidOperationException("No mail server is set."), settings.Mail.From ?? throw new InvalidOperationException("Nobody writes."));
        using var message = new MailMessage(from, new MailAddress(letter.To))
        {
            Subject = OneLine(letter.Subject),
            SubjectEncoding = Encoding.UTF8,
            HeadersEncoding = Encoding.UTF8,
            Body = letter.Body.ReplaceLineEndings("\r\n"),
            BodyEncoding = Encoding.UTF8,
            // Long lines and lone dots are the mail server's concern no longer.
            BodyTransferEncoding = TransferEncoding.Base64,
        };
        message.Headers.Add("Message-ID", $"<{id}@{new System.Globalization.IdnMapping().GetAscii(from.Host)}>");
        // No holiday notice answers it (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(settings.Mail.Timeout);
        using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.StartTls, Credentials = server.Credentials, DeliveryFormat = SmtpDeliveryFormat.SevenBit };
        try
        {
            await client.SendMailAsync(message, limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException("The mail server took too long.");
        }
    }

    /// <summary>Trying again would get the same answer: the mail server wants nothing of this address, or of this letter. That it wants nothing of us (535) a person may put right.</summary>
    public static bool IsFinal(Exception e) => e is FormatException or ArgumentException || (e is SmtpException smtp && Final.Contains(smtp.StatusCode));

    /// <summary>What failed, for the log, without any address.</summary>
    public static string Word(Exception e) => e switch
    {
        SmtpException { StatusCode: not SmtpStatusCode.GeneralFailure } smtp => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"answer {(int)smtp.StatusCode}"),
        SmtpException { InnerException: { } inner } => inner.GetType().Name,
        _ => e.GetType().Name,
    };

    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}
