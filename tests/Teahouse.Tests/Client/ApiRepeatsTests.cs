using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Client;

/// <summary>What is repeated when a node, or a proxy before it, answers badly or not at all.</summary>
public sealed class ApiRepeatsTests
{
    private static readonly string Me = JsonSerializer.Serialize(new { username = "alice", display_name = "Alice", guest = false, bot = true, scope = "write" });

    /// <summary>No test waits for ever with a call that does.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("room")]
    [InlineData("token")]
    [InlineData("hook")]
    [InlineData("webhook")]
    public async Task What_may_have_been_done_is_not_repeated(string what)
    {
        await using var node = await WebhookReceiver.StartAsync();
        node.AnswerWith(503, """{"code":"busy","title":"Later."}""", retryAfter: "0");
        using var api = ApiOf(node);

        var refused = await Assert.ThrowsAsync<TeahouseException>(() => MakeAsync(api, what));

        Assert.Equal((503, 1), (refused.Status, node.Calls.Count));
    }

    [Fact]
    public async Task What_came_too_fast_is_repeated_whatever_it_is()
    {
        await using var node = await WebhookReceiver.StartAsync();
        node.AnswerWith(429, """{"code":"rate_limited","title":"Too fast."}""", retryAfter: "0");
        using var api = ApiOf(node);

        var refused = await Assert.ThrowsAsync<TeahouseException>(() => MakeAsync(api, "token"));

        Assert.Equal((429, api.Attempts), (refused.Status, node.Calls.Count));
    }

    [Theory]
    [InlineData("unavailable")]
    [InlineData("hangs")]
    [InlineData("hangs halfway")]
    [InlineData("breaks halfway")]
    public async Task What_reads_is_repeated(string how)
    {
        await using var node = await WebhookReceiver.StartAsync();
        node.Answer = (context, call) => call == 1 ? MisbehaveAsync(context, how) : context.Response.WriteAsync(Me);
        using var api = ApiOf(node);

        Assert.Equal("alice", (await api.GetMeAsync(Ct).WaitAsync(Patience, Ct)).Username);
        Assert.Equal(2, node.Calls.Count);
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("breaks halfway")]
    public async Task What_may_have_been_done_ends_as_a_lost_connection(string how)
    {
        await using var node = await WebhookReceiver.StartAsync();
        node.Answer = (context, _) => MisbehaveAsync(context, how);
        using var api = ApiOf(node);

        var lost = await Assert.ThrowsAsync<TeahouseException>(() => MakeAsync(api, "webhook").WaitAsync(Patience, Ct));

        Assert.Equal((ErrorCodes.ConnectionLost, 1), (lost.Code, node.Calls.Count));
    }

    [Fact]
    public async Task Whoever_gives_up_is_told_so_and_not_of_a_lost_connection()
    {
        await using var node = await WebhookReceiver.StartAsync();
        node.Answer = static (context, _) => MisbehaveAsync(context, "hangs");
        using var api = new TeahouseApi(new TeahouseClientOptions { Server = node.Address, Token = "t", AnswerTimeout = TimeSpan.FromMinutes(1) });
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var asking = api.GetMeAsync(giveUp.Token);
        await node.WaitAsync(1);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task An_export_may_take_longer_than_an_answer()
    {
        await using var node = await WebhookReceiver.StartAsync();
        var goOn = new TaskCompletionSource();
        node.Answer = async (context, call) =>
        {
            if (call > 1)
            {
                await MisbehaveAsync(context, "hangs");
                return;
            }
            await context.Response.WriteAsync("first\n");
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync("last\n");
        };
        using var http = new HttpClient();
        using var api = new TeahouseApi(new TeahouseClientOptions { Server = node.Address, Token = "t", AnswerTimeout = TimeSpan.FromSeconds(1), Http = http });
        await using var file = new MemoryStream();

        var exporting = api.ExportAsync("den", "csv", file, Ct);
        await Eventually.TrueAsync(() => file.Length > 0 || exporting.IsCompleted);
        // Begun later, so what it waits for an answer is over for the export too.
        await Assert.ThrowsAsync<TeahouseException>(() => MakeAsync(api, "room"));
        goOn.SetResult();
        await exporting;

        Assert.Equal("first\nlast\n", System.Text.Encoding.UTF8.GetString(file.ToArray()));
        Assert.Equal(2, node.Calls.Count);
    }

    private static TeahouseApi ApiOf(WebhookReceiver node) =>
        new(new TeahouseClientOptions { Server = node.Address, Token = "t", AnswerTimeout = TimeSpan.FromSeconds(1), FirstRetry = TimeSpan.FromMilliseconds(20) });

    private static Task MakeAsync(TeahouseApi api, string what) => what switch
    {
        "room" => api.CreateRoomAsync(new NewRoom("den"), Ct),
        "token" => api.CreateTokenAsync(new NewToken("t", "read"), Ct),
        "hook" => api.CreateHookAsync("den", "h", Ct),
        _ => api.CreateWebhookAsync(new NewWebhook("https://example.org/", ["den"]), Ct),
    };

    private static async Task MisbehaveAsync(HttpContext context, string how)
    {
        if (how == "unavailable")
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "0";
            return;
        }
        if (how.EndsWith("halfway", StringComparison.Ordinal))
        {
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
        }
        if (how.StartsWith("breaks", StringComparison.Ordinal))
        {
            context.Abort();
            return;
        }
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }
}
