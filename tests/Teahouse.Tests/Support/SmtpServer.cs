using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Teahouse.Tests.Support;

/// <summary>A small mail server on a loopback port: keeps what it takes, and refuses what a test wants refused.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ReceivedMail> _mails = new();
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly Task _accepting;

    public SmtpServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>What it has taken, oldest first.</summary>
    public IReadOnlyList<ReceivedMail> Mails => [.. _mails];

    /// <summary>Every command line it was sent; of what follows <c>AUTH</c>, too.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    /// <summary>With it STARTTLS is offered.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>TLS is spoken from the first byte.</summary>
    public bool IsTls { get; init; }

    /// <summary>With them a mail needs a sign-in.</summary>
    public (string User, string Password)? Login { get; init; }

    /// <summary>What it answers instead of doing a command; null: does it. Given the command's line.</summary>
    public Func<string, string?>? Refusal { get; set; }

    /// <summary>The settings of a server that sends by this one.</summary>
    public (string Name, string Value)[] Settings(string? userInfo = null, string query = "") =>
    [
        ("SMTP_URL", string.Create(CultureInfo.InvariantCulture, $"{(IsTls ? "smtps" : "smtp")}://{userInfo}{(userInfo is null ? "" : "@")}localhost:{Port}{query}")),
        ("MAIL_FROM", "茶館 <teahouse@example.org>"), ("MAIL_RETRY_SECONDS", "0.05"),
    ];

    /// <summary>Waits for the next mail to an address, after those there are already.</summary>
    public async Task<ReceivedMail> WaitForAsync(string address, int nth = 1)
    {
        await Eventually.TrueAsync(() => Mails.Count(mail => mail.To == address) >= nth, () => $"No mail to {address}, but to: {string.Join(", ", Mails.Select(mail => mail.To))}; {string.Join(" | ", Commands)}");
        return Mails.Where(mail => mail.To == address).ElementAt(nth - 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (true)
            {
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            Stream stream = client.GetStream();
            try
            {
                if (IsTls)
                {
                    stream = await EncryptAsync(stream);
                }
                await TellAsync(stream, "220 mail.test");
                var (isSignedIn, from, to) = (false, "", "");
                while (await ReadLineAsync(stream) is { } line)
                {
                    _commands.Enqueue(line);
                    var verb = line.Split(' ')[0].ToUpperInvariant();
                    if (Refusal?.Invoke(line) is { } refusal)
                    {
                        await TellAsync(stream, refusal);
                        continue;
                    }
                    switch (verb)
                    {
                        case "EHLO":
                            var isPlain = stream is not SslStream;
                            await TellAsync(stream, "250-mail.test" + (Certificate is not null && isPlain ? "\r\n250-STARTTLS" : "") + (Login is not null ? "\r\n250-AUTH LOGIN" : "") + "\r\n250 8BITMIME");
                            break;
                        case "STARTTLS" when Certificate is not null:
                            await TellAsync(stream, "220 go on");
                            stream = await EncryptAsync(stream);
                            break;
                        case "AUTH":
                            isSignedIn = await SignInAsync(stream, line);
                            await TellAsync(stream, isSignedIn ? "235 welcome" : "535 wrong");
                            break;
                        case "MAIL" when Login is not null && !isSignedIn:
                            await TellAsync(stream, "530 sign in first");
                            break;
                        case "MAIL":
                            from = AddressIn(line);
                            await TellAsync(stream, "250 ok");
                            break;
                        case "RCPT":
                            to = AddressIn(line);
                            await TellAsync(stream, "250 ok");
                            break;
                        case "DATA":
                            await TellAsync(stream, "354 go on");
                            var mail = ReceivedMail.Parse(from, to, await ReadDataAsync(stream));
                            if (Refusal?.Invoke(".") is { } late)
                            {
                                await TellAsync(stream, late);
                                break;
                            }
                            _mails.Enqueue(mail);
                            await TellAsync(stream, "250 taken");
                            break;
                        case "QUIT":
                            await TellAsync(stream, "221 bye");
                            return;
                        default:
                            await TellAsync(stream, "502 what?");
                            break;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away, or did not trust the certificate.
            }
            finally
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task<SslStream> EncryptAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stopping.Token);
        return tls;
    }

    private async Task<bool> SignInAsync(Stream stream, string line)
    {
        var parts = line.Split(' ');
        string user;
        if (parts.Length > 2)
        {
            user = Decode(parts[2]);
        }
        else
        {
            await TellAsync(stream, "334 VXNlcm5hbWU6");
            user = Decode(await ReadLineAsync(stream));
        }
        await TellAsync(stream, "334 UGFzc3dvcmQ6");
        return Login is { } login && login == (user, Decode(await ReadLineAsync(stream)));
    }

    private static string Decode(string? text) => Encoding.UTF8.GetString(Convert.FromBase64String(text ?? ""));

    private static string AddressIn(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

    private async Task TellAsync(Stream stream, string line)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), _stopping.Token);
        await stream.FlushAsync(_stopping.Token);
    }

    private async Task<string> ReadDataAsync(Stream stream)
    {
        var data = new StringBuilder();
        while (await ReadLineAsync(stream) is { } line && line != ".")
        {
            data.Append(line.StartsWith('.') ? line[1..] : line).Append('\n');
        }
        return data.ToString();
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        List<byte> line = [];
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stopping.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }
            line.Add(one[0]);
        }
        return null;
    }
}

/// <summary>A mail as it came: its headers, and its text decoded.</summary>
public sealed record ReceivedMail(string From, string To, IReadOnlyDictionary<string, string> Headers, string Text, string Raw)
{
    /// <summary>The first link in the text, as a path on its site.</summary>
    public string Path => new Uri(Text.Split('\n').First(line => line.StartsWith("http", StringComparison.Ordinal)).Trim()).PathAndQuery;

    public string Subject => DecodeWords(Headers["Subject"]);

    public static ReceivedMail Parse(string from, string to, string raw)
    {
        var end = raw.IndexOf("\n\n", StringComparison.Ordinal);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var line in raw[..end].Replace("\n ", " ", StringComparison.Ordinal).Replace("\n\t", " ", StringComparison.Ordinal).Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(line[..colon], line[(colon + 1)..].Trim());
        }
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(raw[end..].Replace("\n", "", StringComparison.Ordinal)));
        return new ReceivedMail(from, to, headers, text.ReplaceLineEndings("\n"), raw);
    }

    // RFC 2047 in Base64, the only form that is used here.
    private static string DecodeWords(string text) => string.Concat(text.Split(' ').Select(word =>
        word.StartsWith("=?utf-8?B?", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8.GetString(Convert.FromBase64String(word[10..^2])) : word + " ")).Trim();
}
