namespace Teahouse.Storage;

/// <summary>Reads that many want at the same moment, such as everybody in a room who lacks the same messages: each is done once for all who have asked before it began. So nobody gets what was
/// read before they asked, and however many ask there are at most two under way of each. Thread-safe.</summary>
/// <param name="read">Does one. Its callers may give up waiting for it, it goes on.</param>
internal sealed class SharedReads<TKey, TResult>(Func<TKey, Task<TResult>> read) where TKey : notnull
{
    private readonly Lock _gate = new();

    // The newest of each key; one that has begun still until it ends.
    private readonly Dictionary<TKey, Reading> _newest = [];

    public Task<TResult> ReadAsync(TKey key, CancellationToken ct)
    {
        Reading? reading;
        lock (_gate)
        {
            var before = _newest.GetValueOrDefault(key);
            reading = before is { HasBegun: false } ? before : _newest[key] = new Reading();
            reading.Task ??= RunAsync(key, reading, before?.Task ?? Task.CompletedTask);
        }
        return reading.Task.WaitAsync(ct);
    }

    private async Task<TResult> RunAsync(TKey key, Reading reading, Task before)
    {
        // Never under the caller's lock; and who comes a moment later still shares it.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            reading.HasBegun = true;
        }
        try
        {
            return await read(key);
        }
        finally
        {
            lock (_gate)
            {
                if (_newest.GetValueOrDefault(key) == reading)
                {
                    _newest.Remove(key);
                }
            }
        }
    }

    private sealed class Reading
    {
        public Task<TResult>? Task { get; set; }

        public bool HasBegun { get; set; }
    }
}
