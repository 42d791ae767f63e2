using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Teahouse.Realtime;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Realtime;

/// <summary>Connections that say nothing take a file each, and are nobody's end.</summary>
[Trait("Transport", "Any")]
public sealed class ConnectionLimitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(256L, 16)]
    [InlineData(1024L, 512)]
    [InlineData(131072L, 129024)]
    [InlineData(null, int.MaxValue)]
    public void Some_files_are_kept_back(long? files, int connections) => Assert.Equal(connections, new ConnectionLimit(files).Max);

    [Theory, Trait("Speed", "Slow")]
    [InlineData("on")]
    [InlineData("off")]
    public async Task More_silent_connections_than_the_system_has_files_for_do_not_end_the_program(string fast)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "prlimit is Linux'.");
        var directory = await TestDatabase.MakeDirectoryAsync();
        await using (var program = await ProgramProcess.ServeUnderAsync(["prlimit", "--nofile=768:768"], directory, [.. SharedServer.NoLimits, ("FAST_TRANSPORT", fast)]))
        {
            using var http = new HttpClient { BaseAddress = program.Address };
            List<Socket> silent = [];
            for (var i = 0; i < 500; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, program.Address.Port, Ct);
                silent.Add(socket);
            }

            if (fast == "on")
            {
                // The oldest of them make room for who has something to say.
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative), Ct)).StatusCode);
            }
            Assert.Null(program.ExitCode);
            silent.ForEach(socket => socket.Dispose());
            await Eventually.TrueAsync(async () =>
            {
                try
                {
                    return (await http.GetAsync(new Uri("/readyz", UriKind.Relative), Ct)).StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            });
            Assert.Contains("LIMIT_SOCKETS", program.Output, StringComparison.Ordinal);
        }
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", 2)]
    [InlineData("192.0.2.1", "192.0.2.2", 0)]
    [InlineData("2001:db8::1", "2001:db8::2", 2)]
    [InlineData("127.0.0.1", "127.0.0.1", 0)]
    public async Task One_network_that_is_no_proxy_holds_a_bounded_number_of_connections(string from, string other, int refused)
    {
        var connections = new HttpConnections(Settings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("LIMIT_SOCKETS_PER_ADDRESS", "1")]).Build()));
        var release = new TaskCompletionSource();
        var serve = connections.Before(_ => release.Task);
        var all = Enumerable.Range(0, 6).Select(i => serve(From(i % 2 == 0 ? from : other))).ToList();

        Assert.Equal(refused, all.Count(connection => connection.IsCompleted));
        release.SetResult();
        await Task.WhenAll(all);

        // Their places are free again.
        release = new TaskCompletionSource();
        var next = connections.Before(_ => release.Task)(From(from));
        Assert.False(next.IsCompleted);
        release.SetResult();
        await next;
    }

    private static DefaultConnectionContext From(string address) => new() { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
}
