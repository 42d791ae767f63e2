namespace Teahouse.Realtime;

/// <summary>Why a socket is closed (SPEC 4). 44xx: come back. 45xx: do not.</summary>
public enum CloseCode
{
    Normal = 1000,
    ProtocolError = 1002,
    Binary = 1003,

    /// <summary>Never sent: the peer's close frame carried no code.</summary>
    None = 1005,
    BadUtf8 = 1007,
    TooBig = 1009,

    /// <summary>This side made a mistake and does not know what it owes the client: come back.</summary>
    Failed = 1011,
    Restart = 1012,
    TooSlow = 4408,
    Flooding = 4413,
    NoPong = 4414,
    SessionEnded = 4501,
    NotAllowed = 4503,
    RoomGone = 4504,
    TooManyConnections = 4505,
}
