using System.Runtime.InteropServices;

namespace Teahouse.Bench.Load;

/// <summary>The system calls of the load generator (Linux). Results below 0 are the error's number, negated.</summary>
internal static unsafe partial class Native
{
    public const int WouldBlock = -11;
    public const uint In = 0x1;
    public const uint Out = 0x4;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int InProgress = -115;
    private const int DontWaitNoSignal = 0x4040;
    private const int Add = 1;
    private const int Modify = 3;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static int CreateEpoll() => Check(epoll_create1(CloseOnExec), "epoll_create1");

    /// <summary>Begins a connection to a loopback port; its completion shows as writability.</summary>
    public static int BeginConnect(int port)
    {
        var socketFile = Check(socket(2, 1 | CloseOnExec | NonBlocking, 0), "socket");
        var one = 1;
        _ = setsockopt(socketFile, 6, 1, &one, sizeof(int));
        // sockaddr_in: family in the machine's order, port and address in the network's.
        var address = stackalloc byte[16] { 2, 0, (byte)(port >> 8), (byte)port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
        var result = Result(connect(socketFile, address, 16));
        if (result < 0 && result != InProgress)
        {
            Close(socketFile);
            return result;
        }
        return socketFile;
    }

    public static void Watch(int epoll, int file, int token, uint events) => Control(epoll, Add, file, token, events);

    public static void ChangeWatch(int epoll, int file, int token, uint events) => Control(epoll, Modify, file, token, events);

    /// <summary>Fills in what is ready now, without waiting.</summary>
    public static int Ready(int epoll, Span<(int Token, uint Events)> into)
    {
        var events = stackalloc byte[16 * into.Length];
        var count = Math.Max(0, Result(epoll_wait(epoll, events, into.Length, 0)));
        for (var i = 0; i < count; i++)
        {
            var item = events + (i * EventSize);
            into[i] = ((int)*(ulong*)(item + EventSize - 8), *(uint*)item);
        }
        return count;
    }

    public static int Send(int file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Result(send(file, start, bytes.Length, DontWaitNoSignal));
        }
    }

    public static int Receive(int file, Span<byte> into)
    {
        fixed (byte* start = into)
        {
            return Result(recv(file, start, into.Length, DontWaitNoSignal));
        }
    }

    public static void Close(int file) => _ = close(file);

    /// <summary>User and system time of all threads the process has or had, from the kernel's own clock for it.</summary>
    public static double CpuMicroseconds(int process)
    {
        int clock;
        Timespec time = default;
        var isThere = clock_getcpuclockid(process, &clock) == 0 && clock_gettime(clock, &time) == 0;
        return isThere ? (time.Seconds * 1e6) + (time.Nanoseconds / 1e3) : throw new IOException($"Process {process} has ended.");
    }

    public static void Nap(long microseconds)
    {
        var time = new Timespec { Seconds = (nint)(microseconds / 1_000_000), Nanoseconds = (nint)(microseconds % 1_000_000 * 1000) };
        // Woken early is no harm: the caller looks at the clock.
        _ = nanosleep(&time, null);
    }

    private static void Control(int epoll, int operation, int file, int token, uint events)
    {
        var item = stackalloc byte[16];
        *(uint*)item = events;
        *(ulong*)(item + EventSize - 8) = (uint)token;
        _ = Check(epoll_ctl(epoll, operation, file, item), "epoll_ctl");
    }

    private static int Result(nint value) => value >= 0 ? (int)value : -Marshal.GetLastSystemError();

    private static int Check(int value, string call) =>
        value >= 0 ? value : throw new IOException($"{call} failed with error {Marshal.GetLastSystemError()}. Is the limit of open files (ulimit -n) high enough?");

    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

#pragma warning disable IDE1006, SA1300 // As the system calls them.
    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int operation, int file, byte* item);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, byte* events, int max, int milliseconds);

    [LibraryImport("libc")]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc")]
    private static partial int connect(int file, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int setsockopt(int file, int level, int name, void* value, int length);

    [LibraryImport("libc")]
    private static partial nint send(int file, byte* bytes, nint length, int flags);

    [LibraryImport("libc")]
    private static partial nint recv(int file, byte* bytes, nint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int file);

    [LibraryImport("libc")]
    private static partial int clock_getcpuclockid(int process, int* clock);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, Timespec* time);

    [LibraryImport("libc")]
    private static partial int nanosleep(Timespec* time, Timespec* left);
#pragma warning restore IDE1006, SA1300
}
