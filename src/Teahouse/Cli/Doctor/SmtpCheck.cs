using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Security;
using Teahouse.Mail;
using Teahouse.Web;

namespace Teahouse.Cli.Doctor;

/// <summary>The mail server answers, encrypts where it must, and takes the password. No mail is sent.</summary>
internal static class SmtpCheck
{
    private const string Name = "smtp";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="server">Which one; null: none is set.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<Finding> RunAsync(SmtpUrl? server, CancellationToken ct)
    {
        if (server is null)
        {
            return Finding.Off(Name, "SMTP_URL is not set: reset links are made by teahouse user password");
        }
        var where = string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            using var client = await SmtpSession.OpenAsync(server, patience.Token);
            var (isEncrypted, isSignedIn) = (client.IsSecure, client.IsAuthenticated);
            await SmtpSession.CloseAsync(client, patience.Token);
            return Finding.Ok(Name, $"{where} answers{(isEncrypted ? ", encrypted" : "")}{(isSignedIn ? ", and takes the password" : "")}");
        }
        catch (Exception e) when (Why(e, ct) is { } why)
        {
            return Finding.Fail(Name, $"SMTP_URL: {where}{why}");
        }
    }

    private static string? Why(Exception e, CancellationToken ct) => e switch
    {
        OperationCanceledException => ct.IsCancellationRequested ? null : " does not answer",
        SslHandshakeException => ": its certificate is not trusted for that name, or it speaks no TLS on that port",
        NotSupportedException => " offers no STARTTLS, and a password goes over no network in the clear",
        AuthenticationException => " refuses the password",
        ProtocolException or CommandException => " does not greet as a mail server does",
        SocketException or IOException => $": {e.Message}",
        _ => null,
    };
}
