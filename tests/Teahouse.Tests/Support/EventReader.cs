using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Teahouse.Tests.Support;

/// <summary>A client of server-sent events: waits for events by condition.</summary>
public sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _events = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    /// <summary>The id of the last event that had one: what a client resumes with.</summary>
    public long LastId { get; private set; }

    public HttpResponseMessage Response => _response;

    /// <summary>Opens a stream and returns once the answer has begun.</summary>
    public static async Task<EventReader> OpenAsync(HttpClient client, string path, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        }
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return new EventReader(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event of this type; those before it are passed over. Null when the stream has ended.</summary>
    public async Task<JsonObject?> FindAsync(string type)
    {
        while (await _events.MoveNextAsync().AsTask().WaitAsync(Patience))
        {
            var item = _events.Current;
            if (long.TryParse(item.EventId, CultureInfo.InvariantCulture, out var id))
            {
                LastId = id;
            }
            if (item.EventType == type)
            {
                return JsonNode.Parse(item.Data)!.AsObject();
            }
        }
        return null;
    }

    public async Task<JsonObject> ReceiveAsync(string type) => await FindAsync(type) ?? throw new InvalidOperationException($"The stream ended while waiting for {type}.");

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        try
        {
            await _events.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // A read is under way; the closed answer ends it.
        }
    }
}
