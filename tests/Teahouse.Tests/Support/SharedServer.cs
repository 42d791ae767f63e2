namespace Teahouse.Tests.Support;

/// <summary>One server for all tests of a class, where starting one for each would take longer than the tests: without limits on messages, frames of 64 KiB. Each test has rooms of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private TestServer? _server;
    private int _rooms;

    /// <summary>Without limits on who may say how much.</summary>
    public static readonly (string Name, string Value)[] NoLimits =
    [
        ("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0"), ("LIMIT_SOCKETS_PER_ADDRESS", "0"), ("LIMIT_SOCKETS_PER_USER", "0"),
    ];

    public TestServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(NoLimits);

    /// <summary>A plain socket in a room nobody else is in.</summary>
    public async Task<RawSocket> OpenAsync()
    {
        var socket = await RawSocket.ConnectAsync(Server.Address, $"/ws/chat/own-{Interlocked.Increment(ref _rooms)}/");
        Assert.StartsWith("HTTP/1.1 101", socket.Answer, StringComparison.Ordinal);
        return socket;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
