using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Where several nodes share a database, sees that nobody here misses what another one's hint did not bring: compares how far each room that is listened to has come in the database and
/// here, once a second while hints may be lost, every two seconds otherwise (a commit of this node too may be done and not known of), and at once after an interruption. What is missing is read once for all listeners.</summary>
internal sealed partial class HeadWatch(ConnectionRegistry registry, IBackplane backplane, MessagePublisher publisher, RoomFeeds feeds, AccountWatch accounts, RoomQueries rooms,
    Db db, ILogger<HeadWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>While everything is heard.</summary>
    private const int TurnsWhenHeard = 2;

    private const int RoomsAtOnce = 500;

    /// <summary>A room that is further behind goes on with the next turn, so that the others have theirs.</summary>
    private const int MaxPieces = 5;

    private readonly WakeUp _interrupted = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!db.IsShared)
        {
            return;
        }
        backplane.Interrupted += _interrupted.Say;
        try
        {
            for (var turn = 0; ; turn++)
            {
                var isWhole = !await _interrupted.WaitAsync(Interval, stoppingToken) && backplane.IsHeard;
                if (!isWhole || turn % TurnsWhenHeard == 0)
                {
                    await CompareAsync(isWhole, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            backplane.Interrupted -= _interrupted.Say;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _interrupted.Dispose();
    }

    private async Task CompareAsync(bool isWhole, CancellationToken ct)
    {
        foreach (var some in registry.Feeds.Where(feed => feed.KnownRev >= 0 && Topic.RoomKeyOf(feed.Topic) is not null).Chunk(RoomsAtOnce))
        {
            await TryAsync(() => CompareAsync(some, ct), ct);
        }
        await TryAsync(() => accounts.TellAsync(isWhole, ct), ct);
    }

    private async Task CompareAsync(Feed[] some, CancellationToken ct)
    {
        var keys = some.Select(feed => Topic.RoomKeyOf(feed.Topic)!).ToArray();
        var heads = await rooms.ListHeadsAsync(db, keys, ct);
        foreach (var feed in some)
        {
            if (heads.TryGetValue(Topic.RoomKeyOf(feed.Topic)!, out var head) && head.Rev > feed.KnownRev)
            {
                await TryAsync(() => PublishMissingAsync(feed, head.Name, ct), ct);
            }
        }
    }

    /// <summary>What goes wrong with one room is no reason to leave out the others.</summary>
    private async Task TryAsync(Func<Task> work, CancellationToken ct)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // While the database is away nothing can have happened in it; the next turn comes soon.
        catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(log, e.Message);
        }
    }

    private async Task PublishMissingAsync(Feed feed, string room, CancellationToken ct)
    {
        var rev = feed.KnownRev;
        var more = true;
        for (var piece = 0; more && piece < MaxPieces; piece++)
        {
            var refill = await feeds.RefillAsync(room, rev, ct);
            foreach (var item in refill.Events)
            {
                // A plain client that has been given the message is told of no change; one that has not finds a hole before this, and reads for itself.
                publisher.EnqueueForeign(feed.Topic, item.Forgets > 0 ? item with { Plain = default } : item);
            }
            (rev, more) = (refill.Rev, refill.More);
        }
        feed.HasRead(rev);
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "heads_not_compared", Message = "What other nodes have said could not be looked up: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
