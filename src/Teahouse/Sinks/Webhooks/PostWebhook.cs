using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>What became of one try.</summary>
/// <param name="At">When it began.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Status">What the receiver answered; null for nothing.</param>
/// <param name="Error">Why there is no answer: a word of <see cref="DeliveryError"/>; null for none.</param>
/// <param name="Answer">The beginning of what it said, as text.</param>
/// <param name="RetryAfter">How long the receiver asks to wait.</param>
internal sealed record DeliveryTry(DateTimeOffset At, TimeSpan Took, int? Status, string? Error, string Answer, TimeSpan? RetryAfter)
{
    public bool IsDelivered => Status is >= 200 and < 300;

    /// <summary>The receiver wants nothing more, ever.</summary>
    public bool IsGone => Status == StatusCodes.Status410Gone;
}

/// <summary>Why a receiver gave no answer, as it is kept and worded on the page.</summary>
internal static class DeliveryError
{
    public const string Timeout = "timeout";
    public const string NoSuchHost = "no_such_host";
    public const string Unreachable = "unreachable";
    public const string Tls = "tls";
    public const string Refused = "address_refused";
    public const string Broken = "broken";
}

/// <summary>Sends one event to one receiver, once. Follows no redirect, uses no proxy, keeps no cookie. Thread-safe.</summary>
internal sealed class PostWebhook : IDisposable
{
    /// <summary>As much of an answer is read and kept.</summary>
    public const int MaxAnswer = 1024;

    private readonly HttpClient _client;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    public PostWebhook(WebhookAddresses addresses, Settings settings, TimeProvider clock)
    {
        (_timeout, _clock) = (settings.WebhookTimeout, clock);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = addresses.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 8,
            MaxResponseHeadersLength = 16,
            ResponseDrainTimeout = TimeSpan.Zero,
            // Now and then the name is asked for anew.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Teahouse", "1"));
    }

    /// <summary>Never throws for what a receiver does; only when it is called off.</summary>
    public async Task<DeliveryTry> ExecuteAsync(Uri url, IReadOnlyList<string> secrets, WebhookEvent what, CancellationToken ct)
    {
        var at = _clock.GetUtcNow();
        var began = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(what.Body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add("webhook-id", what.Id);
            request.Headers.Add("webhook-timestamp", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("webhook-signature", WebhookSecret.Sign(secrets, what.Id, at, what.Body));
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var answer = await ReadHeadAsync(response, limit.Token);
            return new DeliveryTry(at, Stopwatch.GetElapsedTime(began), (int)response.StatusCode, null, answer, RetryAfter(response, at));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new DeliveryTry(at, Stopwatch.GetElapsedTime(began), null, Word(e), "", null);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The status counts, whatever becomes of the rest.</summary>
    private static async Task<string> ReadHeadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxAnswer);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            var read = await body.ReadAtLeastAsync(buffer.AsMemory(0, MaxAnswer), MaxAnswer, throwOnEndOfStream: false, ct);
            // Whatever cannot be shown, and what a database would not take, becomes a mark.
            return string.Concat(Encoding.UTF8.GetString(buffer, 0, read).Select(letter => char.IsControl(letter) && letter is not ('\n' or '\t') ? '\uFFFD' : letter));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return "";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } until } when until > now => until - now,
        _ => null,
    };

    private static string Word(Exception e) => e switch
    {
        OperationCanceledException => DeliveryError.Timeout,
        { InnerException: AddressRefusedException } => DeliveryError.Refused,
        { InnerException: AuthenticationException } or AuthenticationException => DeliveryError.Tls,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } or { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => DeliveryError.NoSuchHost,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } or SocketException => DeliveryError.Unreachable,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => DeliveryError.Tls,
        _ => DeliveryError.Broken,
    };
}
