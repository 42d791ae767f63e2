using System.Collections.Concurrent;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

public sealed class SharedReadsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Each read that has begun: what was asked for, and what ends it.
    private readonly ConcurrentQueue<(string Key, TaskCompletionSource<int> End)> _begun = new();
    private readonly SharedReads<string, int> _reads;

    public SharedReadsTests() => _reads = new(key =>
    {
        var end = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _begun.Enqueue((key, end));
        return end.Task;
    });

    [Fact]
    public async Task All_who_ask_while_one_is_under_way_share_the_next()
    {
        var first = _reads.ReadAsync("tea", Ct);
        var one = await BegunAsync();
        var others = Enumerable.Range(0, 100).Select(_ => _reads.ReadAsync("tea", Ct)).ToList();
        one.SetResult(1);
        (await BegunAsync()).SetResult(2);

        Assert.Equal(1, await first);
        Assert.All(await Task.WhenAll(others), read => Assert.Equal(2, read));
        Assert.Empty(_begun);
    }

    [Fact]
    public async Task Other_things_are_read_beside_it()
    {
        var tea = _reads.ReadAsync("tea", Ct);
        var endTea = await BegunAsync();
        var milk = _reads.ReadAsync("milk", Ct);
        (await BegunAsync()).SetResult(2);

        Assert.Equal(2, await milk);
        Assert.False(tea.IsCompleted);
        endTea.SetResult(1);
        Assert.Equal(1, await tea);
    }

    [Fact]
    public async Task A_read_that_fails_fails_for_those_who_share_it_and_for_nobody_else()
    {
        var first = _reads.ReadAsync("tea", Ct);
        var one = await BegunAsync();
        var second = _reads.ReadAsync("tea", Ct);
        one.SetException(new IOException("gone"));

        Assert.Equal("gone", (await Assert.ThrowsAsync<IOException>(() => first)).Message);
        (await BegunAsync()).SetResult(2);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task Who_gives_up_takes_it_from_nobody()
    {
        using var gone = new CancellationTokenSource();
        var given = _reads.ReadAsync("tea", gone.Token);
        var one = await BegunAsync();
        var (leaving, staying) = (_reads.ReadAsync("tea", gone.Token), _reads.ReadAsync("tea", Ct));
        await gone.CancelAsync();
        one.SetResult(1);
        (await BegunAsync()).SetResult(2);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal(2, await staying);
    }

    [Fact]
    public async Task What_was_read_is_not_kept()
    {
        for (var i = 0; i < 3; i++)
        {
            var reading = _reads.ReadAsync("tea", Ct);
            (await BegunAsync()).SetResult(i);

            Assert.Equal(i, await reading);
        }
    }

    private async Task<TaskCompletionSource<int>> BegunAsync()
    {
        await Eventually.TrueAsync(() => !_begun.IsEmpty);
        Assert.True(_begun.TryDequeue(out var begun));
        return begun.End;
    }
}
