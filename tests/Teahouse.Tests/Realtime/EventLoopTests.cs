using Microsoft.Extensions.Logging.Abstractions;
using Teahouse.Realtime.Epoll;

namespace Teahouse.Tests.Realtime;

public sealed class EventLoopTests
{
    [Fact]
    public async Task Whoever_enters_the_loop_goes_on_there()
    {
        var loop = new EventLoop(NullLogger<EventLoop>.Instance);
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                await Task.Run(async () =>
                {
                    await loop.EnterAsync();
                    Assert.True(loop.IsCurrent);
                }, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            // It cannot be ended by its own thread.
            await Task.Run(loop.Dispose, CancellationToken.None);
        }
    }
}
