using System.Diagnostics;
using System.Globalization;
using Teahouse.Client;

namespace Teahouse.Bench.Scenarios;

/// <summary>Thousands of clients whose server is killed and comes back: how long until each of them has everything again.</summary>
internal static class Storm
{
    private const int RoomSize = 100;
    private const int SaidBefore = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task RunAsync(ScenarioContext context)
    {
        await using var server = await context.StartAsync();
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpMessageInvoker(handler);
        var answers = new ServerErrors();
        List<StormClient> clients = [];
        await using var sender = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Nickname = "storm", Http = http });
        try
        {
            var rooms = Math.Max(1, context.Options.Clients / RoomSize);
            for (var i = 0; i < context.Options.Clients; i++)
            {
                var client = new StormClient(server.Address, http, $"room{i % rooms}", answers);
                clients.Add(client);
                // In small groups: this is not the storm yet.
                if (i % 50 == 49)
                {
                    await Task.WhenAll(clients[^50..].Select(each => each.ReachAsync(0))).WaitAsync(Patience);
                }
            }
            await Task.WhenAll(clients.Select(client => client.ReachAsync(0))).WaitAsync(Patience);
            await SayAsync(sender, rooms, SaidBefore);
            await Task.WhenAll(clients.Select(client => client.ReachAsync(SaidBefore))).WaitAsync(Patience);
            answers.Count = 0;

            await server.KillAsync();
            var dead = Stopwatch.StartNew();
            await server.StartAgainAsync();
            var down = dead.Elapsed;
            var back = Stopwatch.StartNew();
            var cpu = server.CpuMicroseconds;
            var saying = SayAsync(sender, rooms, 1);
            var times = await Task.WhenAll(clients.Select(async client =>
            {
                await client.ReachAsync(SaidBefore + 1);
                return back.Elapsed.TotalSeconds;
            })).WaitAsync(Patience);
            await saying;
            Array.Sort(times);
            context.Report($"{clients.Count} clients",
            [
                new("half whole s", times[times.Length / 2], 2),
                new("99 % whole s", times[times.Length * 99 / 100], 2),
                new("all whole s", times[^1], 2),
                new("5xx", answers.Count),
                new("lost or disordered", clients.Sum(client => client.Faults)),
                new("server down s", down.TotalSeconds, 2),
                new("CPU µs/client", (server.CpuMicroseconds - cpu) / clients.Count),
                new("RSS MB", server.ResidentKilobytes / 1024),
            ]);
        }
        catch (TimeoutException)
        {
            throw new IOException($"after {Patience.TotalSeconds} s {clients.Count(client => client.LastSeq <= SaidBefore)} of {clients.Count} clients are not whole");
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    private static Task SayAsync(TeahouseClient sender, int rooms, int times) =>
        Task.WhenAll(Enumerable.Range(0, rooms).Select(async room =>
        {
            for (var i = 0; i < times; i++)
            {
                await sender.SendAsync($"room{room}", i.ToString(CultureInfo.InvariantCulture));
            }
        }));

    private sealed class ServerErrors
    {
        private int _count;

        public int Count
        {
            get => _count;
            set => _count = value;
        }

        public void Look(ConnectionChange change)
        {
            // "The server answered 503."
            if (change.Reason?.Message.Contains("answered 5", StringComparison.Ordinal) == true)
            {
                Interlocked.Increment(ref _count);
            }
        }
    }

    /// <summary>One of the clients, as an application would be: defaults, one room, reading its events.</summary>
    private sealed class StormClient : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private readonly TeahouseClient _client;
        private readonly Task _reading;
        private (long Seq, TaskCompletionSource Reached)? _goal;
        private bool _hasJoined;

        public StormClient(Uri server, HttpMessageInvoker http, string room, ServerErrors answers)
        {
            _client = new TeahouseClient(new TeahouseClientOptions { Server = server, Http = http, OnConnectionChanged = answers.Look });
            _reading = ReadAsync(room);
        }

        public long LastSeq { get; private set; }

        /// <summary>How often what came was not what must come next.</summary>
        public int Faults { get; private set; }

        /// <summary>Completes when the client has everything up to this message; 0: when it has joined.</summary>
        public Task ReachAsync(long seq)
        {
            lock (_gate)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _goal = (seq, reached);
                Check();
                return reached.Task;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _reading;
        }

        private async Task ReadAsync(string name)
        {
            try
            {
                using var room = await _client.JoinAsync(name);
                await foreach (var happened in room.ReadEventsAsync())
                {
                    lock (_gate)
                    {
                        Take(happened);
                    }
                }
            }
            catch (TeahouseException e)
            {
                lock (_gate)
                {
                    _goal?.Reached.TrySetException(new IOException($"a client was sent away: {e.Message}"));
                }
            }
        }

        private void Take(RoomEvent happened)
        {
            switch (happened)
            {
                case RoomReset { Messages: var messages, Reason: var reason }:
                    // Only joining may begin anew: so few messages are missed that they must all come.
                    Faults += reason == ResetReason.Joined && !_hasJoined ? 0 : 1;
                    (_hasJoined, LastSeq) = (true, messages.Count > 0 ? messages[^1].Seq : 0);
                    break;
                case MessageArrived { Message.Seq: var seq }:
                    Faults += seq == LastSeq + 1 ? 0 : 1;
                    LastSeq = seq;
                    break;
            }
            Check();
        }

        private void Check()
        {
            if (_goal is var (seq, reached) && _hasJoined && LastSeq >= seq)
            {
                reached.TrySetResult();
            }
        }
    }
}
