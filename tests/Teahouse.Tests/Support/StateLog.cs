using Teahouse.Client;

namespace Teahouse.Tests.Support;

/// <summary>Notes what a client tells about its connection.</summary>
public sealed class StateLog
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<ConnectionChange> _changes = [];

    public IReadOnlyList<ConnectionChange> Changes => [.. _changes];

    public IEnumerable<ConnectionState> States => Changes.Select(change => change.State);

    public void Add(ConnectionChange change) => _changes.Enqueue(change);
}
