using System.Runtime.InteropServices;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>How many connections this process can hold: each takes a file of the system, and a program that is out of files cannot even end in good order. Some are kept back for the database, for
/// requests outwards and for the program itself.</summary>
internal sealed partial class ConnectionLimit
{
    /// <summary>The program's own assemblies take 350: the runtime holds each of them open, most of them twice.</summary>
    private const int LeastKept = 512;
    private const int MostKept = 2048;

    /// <summary>So many there are in any case: with fewer than 1,024 files nothing is promised.</summary>
    private const int Least = 16;

    public ConnectionLimit()
        : this(ReadFileLimit())
    {
    }

    /// <summary>Says so when more sockets are allowed than there are files for. For a server that starts; who asks it something has no use for that.</summary>
    public void Warn(Settings settings, ILogger log)
    {
        if (Max < int.MaxValue && (settings.Sockets == 0 || settings.Sockets > Max))
        {
            LogTooHigh(log, settings.Sockets, Max);
        }
    }

    /// <param name="files">How many files the process may have open; null where that is not limited, or not known.</param>
    internal ConnectionLimit(long? files) => Max = files is { } limit ? (int)Math.Clamp(limit - Math.Clamp(limit / 4, LeastKept, MostKept), Least, int.MaxValue) : int.MaxValue;

    /// <summary>The most connections at once, whatever they speak.</summary>
    public int Max { get; }

    /// <summary>RLIMIT_NOFILE, as it is when the program has begun: the runtime has raised it as far as it may go.</summary>
    private static long? ReadFileLimit()
    {
        var resource = OperatingSystem.IsLinux() ? 7 : OperatingSystem.IsMacOS() ? 8 : -1;
        Span<ulong> limit = [0, 0];
        return resource >= 0 && getrlimit(resource, limit) == 0 && limit[0] <= int.MaxValue ? (long)limit[0] : null;
    }

#pragma warning disable IDE1006, SA1300 // As the system calls it.
    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, Span<ulong> limit);
#pragma warning restore IDE1006, SA1300

    [LoggerMessage(Level = LogLevel.Warning, EventName = "socket_limit_too_high",
        Message = "LIMIT_SOCKETS is {Sockets} (0: none), but the system lets this process have files for {Max} connections only: raise its limit (LimitNOFILE, ulimit -n), or lower LIMIT_SOCKETS")]
    private static partial void LogTooHigh(ILogger logger, int sockets, int max);
}
