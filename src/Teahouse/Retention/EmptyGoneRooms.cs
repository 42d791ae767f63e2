using System.Diagnostics;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Retention;

/// <summary>Removes what deleted rooms still hold, a few rows at a time, in whichever process works; several at once take turns. What is left when the program ends is gone on with when it runs again.</summary>
internal sealed partial class EmptyGoneRooms(Db db, TimeProvider time, ILogger<EmptyGoneRooms> log) : BackgroundService
{
    /// <summary>Rows one transaction removes: others' messages wait for no more than that.</summary>
    private const int Batch = 200;

    /// <summary>How often is looked for rooms that were deleted, here or by another process. They are hidden meanwhile.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Empties all deleted rooms there are.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (await db.ReadAsync(RoomStore.FindGoneAsync, ct) is { } roomId)
        {
            var began = Stopwatch.GetTimestamp();
            while (await db.WriteAsync(session => RemoveSomeAsync(session, roomId), ct))
            {
                // As long again for everybody else.
                await Task.Delay(Stopwatch.GetElapsedTime(began), time, ct);
                began = Stopwatch.GetTimestamp();
            }
            LogEmptied(log, roomId);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await RunAsync(stoppingToken);
                }
                catch (RefusedException e)
                {
                    LogPutOff(log, e.Refusal.Code);
                }
#pragma warning disable CA1031 // Whatever it is, the next time comes.
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    LogFailed(log, e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; the rest waits for the next one.
        }
    }

    /// <summary>Returns false when nothing of the room is left.</summary>
    private static async Task<bool> RemoveSomeAsync(DbSession session, long roomId)
    {
        if (!await RoomStore.LockGoneAsync(session, roomId))
        {
            return false;
        }
        if (await MessageStore.RemoveFirstAsync(session, roomId, Batch) > 0 || await RoomStore.RemoveMembersOfGoneAsync(session, roomId, Batch) > 0)
        {
            return true;
        }
        await RoomStore.ForgetGoneAsync(session, roomId);
        return false;
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "deleted_room_emptied", Message = "Deleted room {RoomId} is emptied")]
    private static partial void LogEmptied(ILogger logger, long roomId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "deleted_rooms_put_off", Message = "Deleted rooms are emptied later: {Code}")]
    private static partial void LogPutOff(ILogger logger, string code);

    [LoggerMessage(Level = LogLevel.Error, EventName = "deleted_rooms_failed", Message = "Deleted rooms could not be emptied")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
