using MailKit.Net.Smtp;
using MailKit.Security;
using Teahouse.Web;

namespace Teahouse.Mail;

/// <summary>Begins a session with a mail server.</summary>
internal static class SmtpSession
{
    /// <summary>Connected, encrypted as it must be, and signed in where the address names somebody and the server asks who it is.</summary>
    /// <param name="server">Which one.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="NotSupportedException">It offers no STARTTLS, or no way to sign in that is known here.</exception>
    /// <exception cref="SslHandshakeException">Its certificate is not good for its name, or it speaks no TLS.</exception>
    /// <exception cref="AuthenticationException">It refuses the password.</exception>
    /// <exception cref="MailKit.ProtocolException">It speaks no SMTP.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there.</exception>
    public static async Task<SmtpClient> OpenAsync(SmtpUrl server, CancellationToken ct)
    {
        // Whether a certificate was called back is not asked, as by every other connection of this program: that would be another host that has to answer.
        var client = new SmtpClient { CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync(server.Host, server.Port, server.Security switch
            {
                SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
                SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            }, ct);
            if (server.Credentials is { } credentials && client.Capabilities.HasFlag(SmtpCapabilities.Authentication))
            {
                await client.AuthenticateAsync(credentials, ct);
            }
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Says goodbye; that this fails is nobody's loss.</summary>
    public static async Task CloseAsync(SmtpClient client, CancellationToken ct)
    {
        try
        {
            await client.DisconnectAsync(quit: true, ct);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or MailKit.ProtocolException or MailKit.CommandException)
        {
            // What was sent is sent.
        }
    }
}
