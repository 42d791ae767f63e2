using Google.Apis.Http;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Remembers when the address that gives tokens wants to be asked again: the library's exception holds the status and the words, and no headers. Thread-safe.</summary>
internal sealed class TokenAnswers : HttpClientFactory
{
    private long _retryAfterTicks = -1;

    /// <summary>Of the last answer; null when it named no time.</summary>
    public TimeSpan? RetryAfter => Volatile.Read(ref _retryAfterTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new Listener(this, base.CreateHandler(args));

    private sealed class Listener(TokenAnswers answers, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            Volatile.Write(ref answers._retryAfterTicks, GoogleException.ReadRetryAfter(response)?.Ticks ?? -1);
            return response;
        }
    }
}
