namespace Teahouse.Client;

/// <summary>Where to connect, as whom, and with how much patience. At most one of <see cref="Cookie"/>, <see cref="Token"/> and <see cref="Nickname"/> may be given;
/// with none the client is a visitor without identity, who may enter rooms open to guests but whose unanswered sends cannot be repeated safely.</summary>
public sealed record TeahouseClientOptions
{
    /// <summary>The server's address, such as <c>https://chat.example.org</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The value of a <c>Cookie</c> header, as a signed-in browser sends it.</summary>
    public string? Cookie { get; init; }

    /// <summary>An API token, sent as <c>Authorization: Bearer</c>.</summary>
    public string? Token { get; init; }

    /// <summary>The name of a guest. A guest pass is fetched once and kept for the client's life.</summary>
    public string? Nickname { get; init; }

    /// <summary>Carries the HTTP and WebSocket handshakes; for a proxy, own certificates, or to share one between many clients. It must keep no cookies and follow no
    /// redirects. The caller disposes of it. Null: an own one.</summary>
    public HttpMessageInvoker? Http { get; init; }

    /// <summary>Told of every change of the connection, one at a time and in order. Must return soon and not throw.</summary>
    public Action<ConnectionChange>? OnConnectionChanged { get; init; }

    /// <summary>How long opening a connection may take, up to the server's greeting.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the server may leave a request unanswered before the connection counts as broken. Looked at with every heartbeat. With <see cref="TeahouseApi"/>:
    /// how long each attempt of a call may take, of an export up to its beginning.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait before the first attempt to come back; later, that is as long as the server has been away already. The actual wait is random between nothing and this.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What the wait grows to at most.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many of a room's latest messages are kept for <see cref="TeahouseRoom.Messages"/>.</summary>
    public int KnownMessages { get; init; } = 500;

    /// <summary>How many events of a room may wait for their reader. When there are more, they are replaced by one <see cref="RoomReset"/>.</summary>
    public int WaitingEvents { get; init; } = 2000;

    /// <summary>How many messages may wait to be acknowledged, in all rooms together.</summary>
    public int WaitingSends { get; init; } = 1000;

    internal bool HasIdentity => (Cookie ?? Token ?? Nickname) is not null;

    /// <summary>An address on the server, also when that stands below a path.</summary>
    internal Uri At(string path) => new(Server.AbsolutePath.EndsWith('/') ? Server : new Uri(Server.AbsoluteUri + "/"), path);

    internal void Validate()
    {
        if (!Server.IsAbsoluteUri || Server.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("Server must be an http or https address.");
        }
        if (new[] { Cookie, Token, Nickname }.Count(value => value is not null) > 1)
        {
            throw new ArgumentException("Only one of Cookie, Token and Nickname may be given.");
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(KnownMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingEvents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingSends, 1);
    }
}
