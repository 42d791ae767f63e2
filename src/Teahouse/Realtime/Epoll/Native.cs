using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Teahouse.Realtime.Epoll;

/// <summary>The system calls the event loop is made of (Linux; see their manual pages). Results below 0 are the error's number, negated.</summary>
internal static unsafe partial class Native
{
    public const int EAGAIN = 11;
    public const int EINTR = 4;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOBUFS = 105;
    public const int ENOMEM = 12;

    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint HangUp = 0x8 | 0x10;
    public const int Add = 1;
    public const int Delete = 2;
    public const int Modify = 3;
    public const int ShutWrite = 1;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int DontWaitNoSignal = 0x4040;
    private const int DontWait = 0x40;
    private const int Tcp = 6;
    private const int NoDelay = 1;
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    // struct epoll_event is packed on x86-64 only.
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - 8;

    public static int CreateEpoll() => Check(epoll_create1(CloseOnExec));

    public static int CreateEvent() => Check(eventfd(0, CloseOnExec | NonBlocking));

    /// <summary>Adds, changes or removes a file; its number comes back with its events.</summary>
    public static int Control(int epoll, int operation, int file, uint events)
    {
        var item = stackalloc byte[16];
        *(uint*)item = events;
        *(ulong*)(item + DataOffset) = (uint)file;
        return Result(epoll_ctl(epoll, operation, file, item));
    }

    /// <summary>Waits for events; <paramref name="milliseconds"/> of -1 is for ever.</summary>
    public static int Wait(int epoll, byte* events, int max, int milliseconds) => Result(epoll_wait(epoll, events, max, milliseconds));

    public static (int File, uint Events) EventAt(byte* events, int index)
    {
        var item = events + (index * EventSize);
        return ((int)*(ulong*)(item + DataOffset), *(uint*)item);
    }

    /// <summary>Takes what the peer's window holds, without waiting.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Send(socket, start, bytes.Length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Send(int socket, byte* start, int length) => Result(send(socket, start, length, DontWaitNoSignal));

    public static int Receive(int socket, Span<byte> into)
    {
        fixed (byte* start = into)
        {
            return Result(recv(socket, start, into.Length, DontWait));
        }
    }

    /// <summary>Accepts one connection, non-blocking and without Nagle's delay; <paramref name="address"/> gets the peer's <c>sockaddr</c>.</summary>
    public static int Accept(int listener, Span<byte> address)
    {
        fixed (byte* start = address)
        {
            var length = address.Length;
            var socket = Result(accept4(listener, start, &length, CloseOnExec | NonBlocking));
            if (socket >= 0)
            {
                var one = 1;
                // A peer that is gone already shows in its first read.
                _ = setsockopt(socket, Tcp, NoDelay, &one, sizeof(int));
            }
            return socket;
        }
    }

    /// <summary>The <c>sockaddr</c> of this end; returns false when the socket is gone.</summary>
    public static bool TryGetLocalAddress(int socket, Span<byte> address)
    {
        fixed (byte* start = address)
        {
            var length = address.Length;
            return getsockname(socket, start, &length) == 0;
        }
    }

    /// <summary>From now on nobody begins a connection to this listener: who knocks hears nothing, and is refused when they knock again after it was closed. Connections that have begun
    /// are completed. Not every system can; then nothing changes.</summary>
    public static void HoldBack(int listener)
    {
        // Four struct sock_filter (code, jump if true, jump if false, constant): load the TCP flags; is SYN among them? then drop it; otherwise take it.
        var filter = stackalloc ulong[] { Filter(0x30, 0, 0, 13), Filter(0x45, 0, 1, 0x02), Filter(0x06, 0, 0, 0), Filter(0x06, 0, 0, uint.MaxValue) };
        // struct sock_fprog: a length, and where the filter is.
        var program = stackalloc nint[] { 4, (nint)filter };
        _ = setsockopt(listener, SocketLevel, AttachFilter, program, 2 * sizeof(nint));

        static ulong Filter(ushort code, byte isTrue, byte isFalse, uint constant) => code | ((ulong)isTrue << 16) | ((ulong)isFalse << 24) | ((ulong)constant << 32);
    }

    public static void Shutdown(int socket, int how) => _ = shutdown(socket, how);

    public static void Close(int file) => _ = close(file);

    public static void Signal(int eventFile)
    {
        ulong one = 1;
        // Can only fail when the counter is full, and then the other side is awake.
        _ = write(eventFile, &one, sizeof(ulong));
    }

    public static void ClearSignal(int eventFile)
    {
        ulong count;
        _ = read(eventFile, &count, sizeof(ulong));
    }

    private static int Result(nint value) => value >= 0 ? (int)value : -Marshal.GetLastSystemError();

    private static int Check(int file) => file >= 0 ? file : throw new IOException($"The system refused a file for the event loop (error {Marshal.GetLastSystemError()}).");

#pragma warning disable IDE1006, SA1300 // As the system calls them.
    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int operation, int file, byte* item);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, byte* events, int max, int milliseconds);

    [LibraryImport("libc")]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc")]
    private static partial nint send(int socket, byte* bytes, nint length, int flags);

    [LibraryImport("libc")]
    private static partial nint recv(int socket, byte* bytes, nint length, int flags);

    [LibraryImport("libc")]
    private static partial int accept4(int listener, byte* address, int* length, int flags);

    [LibraryImport("libc")]
    private static partial int getsockname(int socket, byte* address, int* length);

    [LibraryImport("libc")]
    private static partial int setsockopt(int socket, int level, int name, void* value, int length);

    [LibraryImport("libc")]
    private static partial int shutdown(int socket, int how);

    [LibraryImport("libc")]
    private static partial int close(int file);

    [LibraryImport("libc")]
    private static partial nint read(int file, void* into, nint length);

    [LibraryImport("libc")]
    private static partial nint write(int file, void* from, nint length);
#pragma warning restore IDE1006, SA1300
}
