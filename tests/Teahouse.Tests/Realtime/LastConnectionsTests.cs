using System.Net.Sockets;
using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>A proxy repeats a form only elsewhere when the connection was refused: so whoever is let in while the server stops is answered. By the fast transport; the
/// other one is the web server's, which has no such promise.</summary>
[Trait("Speed", "Medium")]
[Trait("Transport", "Any")]
public sealed class LastConnectionsTests
{
    private const int Visitors = 8;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_stops_answers_a_connection_or_refuses_it()
    {
        for (var round = 0; round < 2; round++)
        {
            await using var server = await TestServer.StartAsync([("FAST_TRANSPORT", "on")]);
            var answers = Enumerable.Range(0, Visitors).Select(_ => new TaskCompletionSource()).ToList();
            var visits = answers.ConvertAll(first => VisitUntilRefusedAsync(server.Address, first));
            // Or have failed, which is told below.
            await Task.WhenAll(answers.Zip(visits, (first, visit) => Task.WhenAny(first.Task, visit)));

            await server.App.StopAsync(Ct);

            var answered = await Task.WhenAll(visits);
            Assert.All(answered, count => Assert.True(count > 0, "The server stopped before the test began."));
        }
    }

    /// <summary>Comes again and again with a new connection each, and returns how often it was answered until nobody listened any more. The first answer is told at once.</summary>
    private static async Task<int> VisitUntilRefusedAsync(Uri address, TaskCompletionSource first)
    {
        var request = Encoding.ASCII.GetBytes($"POST /healthz HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        var answer = new byte[4096];
        for (var count = 0; ; count++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(address.Host, address.Port, Ct);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return count;
            }
            await socket.SendAsync(request, Ct);
            var length = await socket.ReceiveAsync(answer, Ct);
            Assert.StartsWith("HTTP/1.1 ", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
            first.TrySetResult();
        }
    }
}
