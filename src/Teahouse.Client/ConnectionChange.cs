namespace Teahouse.Client;

/// <summary>How the client stands with its server.</summary>
public enum ConnectionState
{
    /// <summary>A connection is being opened.</summary>
    Connecting,

    /// <summary>The server has greeted the client; rooms are being brought up to date.</summary>
    Online,

    /// <summary>The connection was lost or could not be opened; the next attempt is under way in <see cref="ConnectionChange.RetryIn"/>.</summary>
    Waiting,

    /// <summary>Over: disposed of, or refused for good by the server.</summary>
    Ended,
}

/// <summary>A change of the connection.</summary>
/// <param name="State">What it is now.</param>
/// <param name="RetryIn">With <see cref="ConnectionState.Waiting"/>: how long until the next attempt.</param>
/// <param name="Reason">Why it was lost or ended; null when nothing went wrong.</param>
public sealed record ConnectionChange(ConnectionState State, TimeSpan? RetryIn = null, Exception? Reason = null);
