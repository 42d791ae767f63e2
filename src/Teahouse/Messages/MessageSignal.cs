namespace Teahouse.Messages;

/// <summary>Wakes who reads the log of all messages, when one was committed by this process. Tells nothing but that; costs the sender a look at one field. Thread-safe.</summary>
public sealed class MessageSignal
{
    private TaskCompletionSource? _waiting;

    public void Set()
    {
        if (Volatile.Read(ref _waiting) is not null)
        {
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
        }
    }

    /// <summary>Done with the next <see cref="Set"/> after this call. Take it before looking, so that nothing falls between.</summary>
    public Task NextAsync()
    {
        while (true)
        {
            if (Volatile.Read(ref _waiting) is { } waiting)
            {
                return waiting.Task;
            }
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.CompareExchange(ref _waiting, made, null) is null)
            {
                return made.Task;
            }
        }
    }
}
