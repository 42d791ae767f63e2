using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Teahouse.Tests.Storage;

public sealed class SteadyLoopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_a_turn_meets_ends_the_loop()
    {
        using var loop = new Loop(
            new RefusedException(Refusal.Busy),
            new SqliteException("database disk image is malformed", 11),
            new InvalidOperationException("a fault of the program"),
            new TaskCanceledException("somebody else's time-out"));

        await loop.StartAsync(Ct);
        await loop.Done.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await loop.StopAsync(Ct);

        Assert.Equal(TaskStatus.RanToCompletion, loop.ExecuteTask!.Status);
        Assert.True(loop.HasEnded);
    }

    /// <summary>Fails with each of these in turn, and then no more.</summary>
    private sealed class Loop(params Exception[] errors) : SteadyLoop(TimeSpan.FromMilliseconds(1), NullLogger.Instance)
    {
        private readonly Queue<Exception> _errors = new(errors);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public bool HasEnded { get; private set; }

        protected override Task<TimeSpan> TurnAsync(CancellationToken ct)
        {
            if (_errors.TryDequeue(out var error))
            {
                throw error;
            }
            _done.TrySetResult();
            return Task.FromResult(LongestSleep);
        }

        protected override Task EndAsync()
        {
            HasEnded = true;
            return Task.CompletedTask;
        }
    }
}
