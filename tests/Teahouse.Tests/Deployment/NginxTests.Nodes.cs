using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Teahouse.Tests.Deployment;

public sealed partial class NginxTests
{
    /// <summary>nginx before one node under both names, which answers with what it was asked.</summary>
    public sealed class Site : IAsyncLifetime
    {
        private WebApplication? _node;
        private NginxProcess? _nginx;

        public NginxProcess Nginx => _nginx ?? throw new InvalidOperationException("Not started.");

        /// <summary>Every path that reached the node.</summary>
        public ConcurrentQueue<string> Paths { get; } = new();

        /// <summary>The node's address, for another nginx.</summary>
        public string Node { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
            _node = builder.Build();
            _node.Run(AnswerAsync);
            await _node.StartAsync();
            Node = new Uri(_node.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;
            _nginx = await NginxProcess.StartAsync(new Dictionary<string, string> { ["web-1:8000"] = Node, ["web-2:8000"] = Node });
        }

        public async ValueTask DisposeAsync()
        {
            if (_nginx is not null)
            {
                await _nginx.DisposeAsync();
            }
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }
        }

        private async Task AnswerAsync(HttpContext context)
        {
            Paths.Enqueue(context.Request.Path);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var seen = new JsonObject(context.Request.Headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value.ToString())));
            var answer = Encoding.UTF8.GetBytes(new JsonObject { ["seen"] = seen, ["bytes"] = body.Length }.ToJsonString());
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        }
    }

    /// <summary>Takes a request and hangs up.</summary>
    private sealed class DyingNode : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _accepting;
        private int _requests;

        public DyingNode()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public string Address => _listener.LocalEndpoint.ToString()!;

        public int Requests => Volatile.Read(ref _requests);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptSocketAsync();
                    if (await client.ReceiveAsync(new byte[4096]) > 0)
                    {
                        Interlocked.Increment(ref _requests);
                    }
                }
            }
            catch (SocketException)
            {
                // Stopped.
            }
        }
    }
}
