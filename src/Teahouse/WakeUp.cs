namespace Teahouse;

/// <summary>Wakes one loop that sleeps between two looks. Said once or many times before it looks is the same, and nothing said while it looks is lost. Thread-safe.</summary>
internal sealed class WakeUp : IDisposable
{
    private readonly SemaphoreSlim _said = new(0, 1);

    public void Say()
    {
        try
        {
            _said.Release();
        }
        catch (SemaphoreFullException)
        {
            // Said already.
        }
    }

    /// <summary>True when it was said since the last wait, or is said within this time.</summary>
    public Task<bool> WaitAsync(TimeSpan longest, CancellationToken ct) => _said.WaitAsync(longest, ct);

    public void Dispose() => _said.Dispose();
}
