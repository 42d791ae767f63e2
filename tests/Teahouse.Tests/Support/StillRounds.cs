using System.Net;
using Microsoft.Extensions.Configuration;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Tests.Support;

/// <summary>An event loop without a thread: it does what a test tells it to, when it is told. A socket's number is given out anew only by the test, and nothing may be sent by one that has ended.</summary>
internal sealed class StillRounds : IRounds
{
    private readonly Dictionary<int, Peer> _peers = [];
    private readonly Queue<IThreadPoolWorkItem> _posts = new();
    private readonly List<Stalled> _stalled = [];

    public Peer Connect(bool plain = false)
    {
        var peer = new Peer(this, _peers.Count + 1);
        peer.Connection = new Connection(peer.Handle, Caller.Anonymous, IPAddress.Loopback, plain, peer, Settings.Read(new ConfigurationBuilder().Build()), TimeProvider.System, _ => { });
        _peers.Add(peer.Handle, peer);
        return peer;
    }

    public void Enqueue(Feed feed)
    {
    }

    public void Wake() => Woken++;

    /// <summary>How often it was told to look again.</summary>
    public int Woken { get; private set; }

    /// <summary>Whether the test plays the loop's thread.</summary>
    public bool IsCurrent { get; set; } = true;

    public List<Gathering> Gatherings { get; } = [];

    public void Gather(Gathering gathering) => Gatherings.Add(gathering);

    /// <summary>Everything that was posted to the loop.</summary>
    public void RunPosts()
    {
        while (_posts.TryDequeue(out var work))
        {
            work.Execute();
        }
    }

    /// <summary>One round of a feed, <paramref name="atOnce"/> members under one hold of its lock; <paramref name="between"/> happens after the first of these.</summary>
    public void Serve(Feed feed, int atOnce = 128, Action? between = null)
    {
        if (feed.TakeBatch(1 << 20) is not { } batch)
        {
            return;
        }
        bool isMore;
        do
        {
            isMore = feed.Deliver(batch, atOnce, _stalled);
            _stalled.ForEach(static each => each.Connection.OnStalled(each));
            _stalled.Clear();
            between?.Invoke();
            between = null;
        } while (isMore);
    }

    public int Send(int handle, ReadOnlySpan<byte> bytes) => handle < 0 ? -1 : _peers[handle].Take(bytes);

    public int Send(ReadOnlySpan<RoundTarget> to, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> v1, out int written)
    {
        written = 0;
        for (var i = to.Length - 1; i >= 0; i--)
        {
            var bytes = to[i].IsPlain ? plain : v1;
            if (!to[i].IsInStep || (!bytes.IsEmpty && (written = Send(to[i].Handle, bytes)) != bytes.Length))
            {
                return to.Length - 1 - i;
            }
        }
        return to.Length;
    }

    /// <summary>A socket of the loop, and who is at its other end.</summary>
    internal sealed class Peer(StillRounds loop, int handle) : IWire
    {
        private readonly List<byte> _taken = [];
        private TaskCompletionSource? _writable;
        private bool _ended;

        public Connection Connection { get; set; } = null!;

        /// <summary>How many bytes more it takes.</summary>
        public int Window { get; set; } = int.MaxValue;

        /// <summary>The next send fails, and none after it.</summary>
        public bool Fails { get; set; }

        public IReadOnlyList<byte> Taken => _taken;

        public IRounds Rounds => loop;

        public int Handle => _ended ? -1 : handle;

        public Subscription Join(Feed feed, RefillFeed? refill = null)
        {
            var subscription = new Subscription(Connection, feed, label: null, refill);
            Assert.True(Connection.TryAdd(subscription));
            feed.Add(subscription);
            subscription.GoLive(feed.HeadRev);
            loop.RunPosts();
            return subscription;
        }

        /// <summary>It takes everything from now on.</summary>
        public void Open()
        {
            Window = int.MaxValue;
            _writable?.SetResult();
            loop.RunPosts();
        }

        /// <summary>It hangs up.</summary>
        public void End()
        {
            _ended = true;
            Connection.End();
        }

        public int Take(ReadOnlySpan<byte> bytes)
        {
            Assert.False(_ended, "Something was sent by a number that was given back.");
            if (Fails)
            {
                Fails = false;
                return -1;
            }
            var count = Math.Min(Window, bytes.Length);
            _taken.AddRange(bytes[..count]);
            Window -= count;
            return count;
        }

        public void Attach(Connection connection)
        {
        }

        public Task RunAsync(HandleText handle) => Task.CompletedTask;

        public void Schedule(Connection connection) => loop._posts.Enqueue(connection);

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
        {
            for (bytes = bytes[Take(bytes.Span)..]; !bytes.IsEmpty; bytes = bytes[Take(bytes.Span)..])
            {
                _writable = new TaskCompletionSource();
                await _writable.Task;
            }
        }

        public void OnCloseWritten()
        {
        }

        public void Abort() => loop._posts.Enqueue(new Ending(this));
    }

    private sealed class Ending(Peer peer) : IThreadPoolWorkItem
    {
        public void Execute() => peer.End();
    }
}
