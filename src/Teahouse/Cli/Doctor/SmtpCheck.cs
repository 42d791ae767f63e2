using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Teahouse.Cli.Doctor;

/// <summary>The mail server greets, and encrypts where it must. No mail is sent.</summary>
internal static class SmtpCheck
{
    private const string Name = "smtp";
    private const int LongestLine = 2048;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="host">A name or an address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="needsTls">It has to offer STARTTLS.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<Finding> RunAsync(string host, int port, bool needsTls, CancellationToken ct)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, patience.Token);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            if (await ReadAsync(reader, patience.Token) is not ['2', '2', '0', .. var greeting])
            {
                return Finding.Fail(Name, $"SMTP_URL: {where} does not greet as a mail server does");
            }
            await stream.WriteAsync("EHLO doctor.invalid\r\n"u8.ToArray(), patience.Token);
            var offersTls = false;
            for (var line = await ReadAsync(reader, patience.Token); ; line = await ReadAsync(reader, patience.Token))
            {
                if (!line.StartsWith("250", StringComparison.Ordinal))
                {
                    return Finding.Fail(Name, $"SMTP_URL: {where} refuses EHLO");
                }
                offersTls |= line.AsSpan(4).Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase);
                if (line[3] != '-')
                {
                    break;
                }
            }
            await stream.WriteAsync("QUIT\r\n"u8.ToArray(), patience.Token);
            return needsTls && !offersTls ? Finding.Fail(Name, $"SMTP_URL: {where} offers no STARTTLS, and a password goes over no network in the clear")
                : Finding.Ok(Name, $"{where} greets:{(greeting.Length > 80 ? greeting[..80] : greeting)}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Finding.Fail(Name, $"SMTP_URL: {where} does not answer");
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException)
        {
            return Finding.Fail(Name, $"SMTP_URL: {where}: {e.Message}");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken ct) =>
        await reader.ReadLineAsync(ct) is { Length: >= 4 and < LongestLine } line ? line : throw new InvalidDataException("it speaks no SMTP");
}
