using System.Net;
using System.Net.Mail;

namespace Teahouse.Web;

/// <summary>How mail is sent. Immutable.</summary>
public sealed record MailSettings
{
    /// <summary>Null: this site sends none.</summary>
    public required SmtpUrl? Server { get; init; }

    /// <summary>Who writes; known where there is a <see cref="Server"/>.</summary>
    public required MailAddress? From { get; init; }

    /// <summary>Where this site is, for links in mail, without a slash at its end; null: where it is asked from.</summary>
    public required Uri? PublicUrl { get; init; }

    /// <summary>The first wait after a failure; each further one is twice as long.</summary>
    public required TimeSpan Retry { get; init; }

    /// <summary>After failing for so long a mail is given up.</summary>
    public required TimeSpan GiveUp { get; init; }

    /// <summary>How long the mail server may take for one mail.</summary>
    public required TimeSpan Timeout { get; init; }

    public bool IsOn => Server is not null;

    internal static MailSettings Read(SettingReader reader)
    {
        const string Server = "SMTP_URL";
        const string From = "MAIL_FROM";
        var server = reader.Text(Server, "") is { Length: > 0 } url ? SmtpUrl.Parse(Server, url) : null;
        var typed = reader.Text(From, "");
        var from = typed.Length == 0 ? null
            : MailAddress.TryCreate(typed, out var address) && !typed.Any(char.IsControl) ? address
            : throw new SettingException(From, typed, "an address such as teahouse@example.org, or Teahouse <teahouse@example.org>");
        if (server is not null && from is null)
        {
            throw new SettingException(From, "", "needed where SMTP_URL is set: an address such as teahouse@example.org");
        }
        return new MailSettings
        {
            Server = server,
            From = from,
            PublicUrl = reader.Text("PUBLIC_URL", "").Length > 0 ? reader.Address("PUBLIC_URL", new Uri("http://127.0.0.1/")) : null,
            Retry = reader.Seconds("MAIL_RETRY_SECONDS", 60),
            GiveUp = reader.Seconds("MAIL_GIVE_UP_SECONDS", 3 * SettingReader.Day, longest: 30 * SettingReader.Day),
            Timeout = reader.Seconds("SMTP_TIMEOUT_SECONDS", 30),
        };
    }
}

/// <summary>How what is said to a mail server is kept from others.</summary>
public enum SmtpSecurity
{
    /// <summary>Not at all: on this machine, or by somebody's own choice.</summary>
    None,

    /// <summary>Nothing but the greeting is said before STARTTLS; a server without it is sent nothing.</summary>
    StartTls,

    /// <summary>TLS from the first byte.</summary>
    Tls,
}

/// <summary>Where the mail server is: <c>smtp://[user:password@]host[:port][?starttls=on|off]</c>, or <c>smtps://[user:password@]host[:port]</c>. User and password may be percent-encoded.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">Without one in the address: 465 with <c>smtps</c>, else 587 with a password and 25 without.</param>
/// <param name="Credentials">Null for none.</param>
/// <param name="Security">How the connection is encrypted.</param>
public sealed record SmtpUrl(string Host, int Port, NetworkCredential? Credentials, SmtpSecurity Security)
{
    private const string Allowed = "smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…, special signs in USER and PASSWORD percent-encoded; ?starttls=on or off where the default of smtp:// does not fit";
    private const int Relay = 25;
    private const int Submissions = 465;
    private const int Submission = 587;

    /// <exception cref="SettingException">It cannot be read; the message repeats it without its password.</exception>
    internal static SmtpUrl Parse(string setting, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0 || uri.AbsolutePath is not ("" or "/")
            || !(uri.Query is "" || (uri.Scheme == "smtp" && uri.Query is "?starttls=on" or "?starttls=off")))
        {
            throw new SettingException(setting, SecretUrl.Mask(text), Allowed);
        }
        var user = uri.UserInfo.Split(':', 2);
        if (uri.UserInfo.Length > 0 && (user.Length != 2 || user[0].Length == 0))
        {
            throw new SettingException(setting, SecretUrl.Mask(text), Allowed);
        }
        var credentials = user.Length == 2 ? new NetworkCredential(Uri.UnescapeDataString(user[0]), Uri.UnescapeDataString(user[1])) : null;
        var isTls = uri.Scheme == "smtps";
        var port = uri.Port > 0 ? uri.Port : isTls ? Submissions : credentials is null ? Relay : Submission;
        // A password goes over no network in the clear, unless somebody says so; on this machine there is no network.
        var startTls = uri.Query == "?starttls=on" || (uri.Query.Length == 0 && !uri.IsLoopback && (credentials is not null || port == Submission));
        return new SmtpUrl(uri.IdnHost.Trim('[', ']'), port, credentials, isTls ? SmtpSecurity.Tls : startTls ? SmtpSecurity.StartTls : SmtpSecurity.None);
    }
}
