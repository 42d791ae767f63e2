using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Teahouse.Realtime.Epoll;

/// <summary>A file the loop watches.</summary>
internal interface IWatched
{
    /// <summary>Called on the loop's thread. May be called once more than there was reason to.</summary>
    void OnReady(uint events);

    /// <summary>The loop ends: whatever waits for this file must not wait for ever. The loop closes the file.</summary>
    void OnLoopEnded();
}

/// <summary>One thread that reads, writes and closes all the sockets handed to it, and delivers to whole rooms in rounds. WebSockets are touched by this thread only, so that a number closed and
/// given out anew can never be mistaken. Only while a connection speaks HTTP is it written to by others, and then under its own lock, without which it is not closed (<see cref="HttpSocket"/>).</summary>
internal sealed unsafe partial class EventLoop : ISleeper, IDisposable
{
    private const int MaxEvents = 512;
    private const int ReadBytes = 64 * 1024;

    private readonly ILogger<EventLoop> _log;
    private readonly int _epoll = Native.CreateEpoll();
    private readonly int _wakeUp = Native.CreateEvent();
    private readonly Thread _thread;
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _posts = new();
    private readonly byte[] _readBuffer = GC.AllocateUninitializedArray<byte>(ReadBytes, pinned: true);
    private IWatched?[] _watched = new IWatched?[1024];
    private int _asleep;
    private volatile bool _stopping;

    public EventLoop(ILogger<EventLoop> log)
    {
        _log = log;
        Native.Control(_epoll, Native.Add, _wakeUp, Native.In);
        _thread = new Thread(Run) { Name = "event-loop", IsBackground = true };
        _thread.Start();
    }

    public bool IsStopped => _stopping;

    /// <summary>Accepted connections that are not closed yet. On the loop's thread.</summary>
    public int Accepted { get; set; }

    /// <summary>Those that have not said a word, the oldest first. On the loop's thread.</summary>
    public LinkedList<HttpSocket> Silent { get; } = [];

    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Where sockets are read to; what is there is overwritten by the next one.</summary>
    public Memory<byte> ReadBuffer => _readBuffer;

    /// <summary>Runs something on the loop's thread soon.</summary>
    public void Post(IThreadPoolWorkItem work)
    {
        _posts.Enqueue(work);
        WakeBatch.Wake(this);
    }

    public void Post(Action work) => Post(new ActionItem(work));

    /// <summary>To be awaited: what comes after it runs on the loop's thread.</summary>
    public Entry EnterAsync() => new(this);

    /// <summary>On the loop's thread: begins to watch a file, or replaces who is told of it.</summary>
    public void Watch(int file, IWatched watched, uint events)
    {
        if (file >= _watched.Length)
        {
            Array.Resize(ref _watched, Math.Max(file + 1, _watched.Length * 2));
        }
        var operation = _watched[file] is null ? Native.Add : Native.Modify;
        _watched[file] = watched;
        Native.Control(_epoll, operation, file, events);
    }

    /// <summary>Changes what is waited for.</summary>
    public void Change(int file, uint events) => Native.Control(_epoll, Native.Modify, file, events);

    /// <summary>On the loop's thread: hears no more of a file, not even that it was hung up.</summary>
    public void Mute(int file) => Native.Control(_epoll, Native.Delete, file, 0);

    /// <summary>On the loop's thread: gives a file away.</summary>
    public void Forget(int file)
    {
        _watched[file] = null;
        Mute(file);
    }

    /// <summary>On the loop's thread: closes an accepted connection and forgets it.</summary>
    public void Close(int file)
    {
        Accepted--;
        if (file < _watched.Length)
        {
            _watched[file] = null;
        }
        // Closing takes it out of the epoll set too.
        Native.Close(file);
    }

    public void Dispose()
    {
        if (!_stopping)
        {
            _stopping = true;
            Volatile.Write(ref _asleep, 1);
            WakeUp();
            _thread.Join();
        }
    }

    public void WakeUp()
    {
        if (Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            Native.Signal(_wakeUp);
        }
    }

    private void Run()
    {
        var events = stackalloc byte[MaxEvents * Native.EventSize];
        var wait = 0;
        while (!_stopping)
        {
            // Announced before the last look at the queues, so that nothing queued after it sleeps.
            Volatile.Write(ref _asleep, 1);
            Interlocked.MemoryBarrier();
            if (!_posts.IsEmpty || !_queuedFeeds.IsEmpty)
            {
                wait = 0;
            }
            var count = Native.Wait(_epoll, events, MaxEvents, wait);
            Volatile.Write(ref _asleep, 0);
            // Who stores what came is woken when all of it is there.
            using (WakeBatch.Hold())
            {
                for (var i = 0; i < count; i++)
                {
                    Dispatch(Native.EventAt(events, i));
                }
                RunPosts();
            }
            wait = RunRounds();
        }
        foreach (var watched in _watched)
        {
            watched?.OnLoopEnded();
        }
        EndGatherings();
        for (var file = 0; file < _watched.Length; file++)
        {
            if (_watched[file] is not null)
            {
                Native.Close(file);
            }
        }
        Native.Close(_wakeUp);
        Native.Close(_epoll);
    }

    private void Dispatch((int File, uint Events) ready)
    {
        if (ready.File == _wakeUp)
        {
            Native.ClearSignal(_wakeUp);
            return;
        }
        try
        {
            // Null: closed by an event before it in the same batch.
            _watched[ready.File]?.OnReady(ready.Events);
        }
#pragma warning disable CA1031 // Whatever one socket does, the others are served.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(_log, e);
        }
    }

    private void RunPosts()
    {
        // No more than wait now: what they post in turn comes after the next look at the sockets.
        for (var left = _posts.Count; left > 0 && _posts.TryDequeue(out var work); left--)
        {
            try
            {
                work.Execute();
            }
#pragma warning disable CA1031 // As above.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(_log, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "event_loop_failed", Message = "An event could not be handled")]
    private static partial void LogFailed(ILogger logger, Exception e);

    /// <summary>Not a task: one that is done before it is looked at would let its caller go on where it is.</summary>
    internal readonly struct Entry(EventLoop loop) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => loop.IsCurrent;

        public Entry GetAwaiter() => this;

        public void OnCompleted(Action continuation) => loop.Post(continuation);

        public void UnsafeOnCompleted(Action continuation) => loop.Post(continuation);

        public void GetResult()
        {
        }
    }

    private sealed class ActionItem(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
