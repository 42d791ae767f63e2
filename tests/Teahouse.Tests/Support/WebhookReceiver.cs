using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Teahouse.Tests.Support;

/// <summary>A call that came to a <see cref="WebhookReceiver"/>.</summary>
public sealed record ReceivedCall(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    /// <summary>When it had come whole, in the ticks of <see cref="Stopwatch"/>: whoever looks at it may look late.</summary>
    public long At { get; } = Stopwatch.GetTimestamp();

    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The text of the message in it.</summary>
    public string? Text => (string?)Json["data"]!["message"];
}

/// <summary>Somebody else's server that takes webhooks, on loopback: keeps what comes, and answers as it is told.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedCall> _calls = new();
    private int _active;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>What is answered; 204 unless told otherwise. It is told which call it is, from 1.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = static (context, _) =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    public IReadOnlyList<ReceivedCall> Calls => [.. _calls];

    /// <summary>The most calls that were there at once.</summary>
    public int MostAtOnce { get; private set; }

    public static async Task<WebhookReceiver> StartAsync(string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return receiver;
    }

    /// <summary>Answers every call with this status.</summary>
    public void AnswerWith(int status, string body = "", string? retryAfter = null) => Answer = async (context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync(body);
    };

    /// <summary>Waits for as many calls.</summary>
    public async Task<IReadOnlyList<ReceivedCall>> WaitAsync(int count)
    {
        await Eventually.TrueAsync(() => _calls.Count >= count, () => $"{_calls.Count} calls came instead of {count}.");
        return Calls;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _active));
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        _calls.Enqueue(new ReceivedCall(context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        await Answer(context, _calls.Count);
        Interlocked.Decrement(ref _active);
    }
}
