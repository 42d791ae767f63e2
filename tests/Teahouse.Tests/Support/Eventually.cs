using System.Diagnostics;

namespace Teahouse.Tests.Support;

/// <summary>Waits for what can only be asked for, not be told.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks again and again, for at most <paramref name="patience"/> (60 s).</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? otherwise = null, TimeSpan? patience = null)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(since.Elapsed < (patience ?? Patience), otherwise?.Invoke() ?? "It never came to be.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition, Func<string>? otherwise = null, TimeSpan? patience = null) => TrueAsync(() => Task.FromResult(condition()), otherwise, patience);
}
