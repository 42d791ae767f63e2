using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Keeps the writer busy while calls come to wait for it, in a known order.</summary>
internal sealed class HeldWriter<T> : IAsyncDisposable
{
    private readonly Db _db;
    private readonly ManualResetEventSlim _release;
    private readonly List<Task<T>> _calls = [];
    private readonly Task _held;

    private HeldWriter(Db db, Task held, ManualResetEventSlim release) => (_db, _held, _release) = (db, held, release);

    public static async Task<HeldWriter<T>> HoldAsync(TestServer server)
    {
        var ct = TestContext.Current.CancellationToken;
        var db = server.Get<Db>();
        var release = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = db.WriteAsync(_ =>
        {
            begun.SetResult();
            // Not awaited: the thread itself is to be busy.
            release.Wait(ct);
            return Task.FromResult(0);
        }, ct);
        await begun.Task;
        return new HeldWriter<T>(db, held, release);
    }

    /// <summary>Makes a call that writes, and returns when it waits for the writer.</summary>
    public async Task AddAsync(Func<Task<T>> call)
    {
        var before = _db.Waiting;
        _calls.Add(call());
        await Eventually.TrueAsync(() => _db.Waiting > before);
    }

    public async Task<T[]> ReleaseAsync()
    {
        _release.Set();
        return await Task.WhenAll(_calls);
    }

    public async ValueTask DisposeAsync()
    {
        _release.Set();
        await _held;
        _release.Dispose();
    }
}
