using Teahouse.Messages;

namespace Teahouse.Sinks;

/// <summary>Wakes this process's <see cref="SinkRunner"/>: something about a sink has changed. (Messages have a <see cref="MessageSignal"/> of their own.) Thread-safe.</summary>
public sealed class SinkSignal
{
    private readonly MessageSignal _signal = new();

    public void Set() => _signal.Set();

    public Task NextAsync() => _signal.NextAsync();
}
