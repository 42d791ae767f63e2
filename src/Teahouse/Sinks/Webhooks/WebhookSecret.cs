using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Secrets and signatures of webhooks, as Standard Webhooks has them: <c>whsec_</c> and Base64; HMAC-SHA256 over id, time and body.</summary>
internal static class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int Bytes = 32;
    private const int MinBytes = 24;
    private const int MaxBytes = 64;

    public static string MakeUp() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The secret to use: the one asked for, or for null one made up here.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadSecret"/>.</exception>
    public static string Parse(string? text) =>
        text is null ? MakeUp() : TryKey(text) is not null ? text : throw new RefusedException(Refusal.BadSecret) { Field = "secret" };

    /// <summary>The value of <c>webhook-signature</c>: one signature for each secret, so that a receiver may know the old or the new one.</summary>
    /// <param name="secrets">One, or two while they are being exchanged.</param>
    /// <param name="id">The same for every try.</param>
    /// <param name="at">Of this try.</param>
    /// <param name="body">As it is sent.</param>
    public static string Sign(IReadOnlyList<string> secrets, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}."));
        var signed = new byte[head.Length + body.Length];
        head.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(head.Length));
        return string.Join(' ', secrets.Select(secret =>
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(TryKey(secret) ?? throw new InvalidOperationException("A stored secret is none."), signed))));
    }

    private static byte[]? TryKey(string text)
    {
        var bytes = new byte[MaxBytes];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length >= MinBytes
            ? bytes[..length]
            : null;
    }
}
