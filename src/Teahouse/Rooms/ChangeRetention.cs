using System.Globalization;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>For how long a room keeps what was said, where that is shorter than for the site (<c>RETENTION_DAYS</c>). The nightly work removes what is older. Thread-safe.</summary>
public sealed class ChangeRetention(RoomStore store, RoomQueries queries, RoomAccess access, TimeProvider time)
{
    public const int MaxDays = 3650;

    /// <summary>Days that are offered.</summary>
    public static IReadOnlyList<int> Choices { get; } = [7, 30, 90, 180, 365, 730];

    /// <param name="pass">An owner's, or an administrator's.</param>
    /// <param name="days">1 to <see cref="MaxDays"/>; null: as the site.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>; <see cref="Refusal.BadFrame"/> for days that are none.</exception>
    public Task ExecuteAsync(RoomPass pass, int? days, CancellationToken ct) => access.ChangeAsync(pass, async (session, now) =>
    {
        var room = now.Caller.IsAdmin && now.Caller.May(TokenScope.Admin) && now.Room is { } any ? any : now.Owned();
        if (days is < 1 or > MaxDays)
        {
            throw new RefusedException(Refusal.BadFrame);
        }
        var before = (await queries.FindRetentionAsync(session, room.Id))?.RetentionDays;
        if (before != days)
        {
            await store.SetRetentionAsync(session, room.Id, days);
            await AuditLog.AddAsync(session, time.GetUtcNow(), now.Caller, "retention_changed", room.Name, $"{Word(before)} → {Word(days)}");
        }
    }, ct);

    private static string Word(long? days) => days is null ? "as the site" : string.Create(CultureInfo.InvariantCulture, $"{days} days");
}
