using System.Collections.Concurrent;
using Teahouse.Jobs;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>A guest as last seen.</summary>
public sealed record GuestRow
{
    /// <summary>The random id in their cookie.</summary>
    public required string Id { get; init; }

    public required string Nickname { get; init; }

    /// <summary>See <see cref="Web.ClientNetwork.Of"/>.</summary>
    public required string Address { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }
}

/// <summary>Remembers which guests were here, and from where, so that one can be kept out. All SQL that writes <c>guests</c>. Thread-safe.</summary>
public sealed class GuestBook(Db db, TimeProvider time)
{
    /// <summary>How often one guest is noted again.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Who has not been here for so long is forgotten.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(90);

    private const int Capacity = 20_000;

    private const string Upsert = """
        INSERT INTO guests (id, nickname, address, created_at, last_seen_at)
        VALUES (@id, @nickname, @address, @at, @at)
        ON CONFLICT (id) DO UPDATE SET nickname = excluded.nickname, address = excluded.address, last_seen_at = excluded.last_seen_at
        """;

    private const string SelectById = "SELECT id, nickname, address, created_at, last_seen_at FROM guests WHERE id = @id";

    private const string DeleteOld = """
        DELETE FROM guests
        WHERE id IN (SELECT id FROM guests WHERE last_seen_at < @before LIMIT 1000)
        """;

    private readonly ConcurrentDictionary<string, Noted> _noted = new();

    private readonly record struct Noted(string Nickname, string Address, long At);

    /// <summary>Notes a guest, unless that was done a moment ago. A database that takes nothing now changes nothing for the guest.</summary>
    internal async ValueTask SeeAsync(GuestPass.Content pass, string address, CancellationToken ct)
    {
        if (_noted.TryGetValue(pass.Id, out var noted) && noted.Nickname == pass.Nickname && noted.Address == address && time.GetElapsedTime(noted.At) < Interval)
        {
            return;
        }
        if (_noted.Count >= Capacity)
        {
            _noted.Clear();
        }
        _noted[pass.Id] = new Noted(pass.Nickname, address, time.GetTimestamp());
        try
        {
            var row = new { id = pass.Id, nickname = pass.Nickname, address, at = time.GetUtcNow() };
            await db.WriteAsync(session => session.ExecuteAsync(Upsert, row), ct);
        }
        catch (RefusedException)
        {
            _noted.TryRemove(pass.Id, out _);
        }
    }

    /// <summary>Null for a guest who has not been here for long.</summary>
    public Task<GuestRow?> FindAsync(DbSession session, string guestId) => session.FindAsync<GuestRow>(SelectById, new { id = guestId });

    internal async Task ForgetOldAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - Memory;
        while (await db.WriteAsync(session => session.ExecuteAsync(DeleteOld, new { before }), ct) > 0)
        {
        }
    }
}

/// <summary>Every night: guests who have not been here for months.</summary>
internal sealed class ForgetOldGuests(GuestBook guests) : IScheduledWork
{
    public string Name => "old-guests";

    public string Cron => "0 41 4 * * ?";

    public Task RunAsync(CancellationToken ct) => guests.ForgetOldAsync(ct);
}
