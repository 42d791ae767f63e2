using System.Collections.Concurrent;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Keeps each service account's calls below so many in any minute: Google counts them for the account, whatever they are for and whoever makes them. Where processes share the database, the
/// calls are counted there. Thread-safe.</summary>
/// <param name="clock">The clock.</param>
/// <param name="perMinute">Calls in any minute; 0 for any number.</param>
/// <param name="store">Where the calls of all processes are counted; null, or not shared: only this one makes any.</param>
internal sealed class CallPace(TimeProvider clock, int perMinute, CallStore? store = null)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Account> _accounts = new();

    /// <summary>Returns when the account may make a call, which it is taken to do then.</summary>
    /// <exception cref="RefusedException">The database that counts is away.</exception>
    public async Task WaitAsync(string account, CancellationToken ct)
    {
        if (perMinute == 0)
        {
            return;
        }
        var calls = _accounts.GetOrAdd(account, _ => new Account());
        // One after the other: whoever came first goes first.
        await calls.Turn.WaitAsync(ct);
        try
        {
            if (store is { IsShared: true })
            {
                while (await store.TakeAsync(account, perMinute, ct) is { } left)
                {
                    await Task.Delay(left, clock, ct);
                }
                return;
            }
            while (calls.At.Count >= perMinute && Minute - clock.GetElapsedTime(calls.At.Peek()) is var wait)
            {
                if (wait <= TimeSpan.Zero)
                {
                    calls.At.Dequeue();
                    continue;
                }
                await Task.Delay(wait, clock, ct);
            }
            calls.At.Enqueue(clock.GetTimestamp());
        }
        finally
        {
            calls.Turn.Release();
        }
    }

    private sealed class Account
    {
        public SemaphoreSlim Turn { get; } = new(1);

        // When the last calls were made; belongs to whoever has the turn.
        public Queue<long> At { get; } = new();
    }
}
