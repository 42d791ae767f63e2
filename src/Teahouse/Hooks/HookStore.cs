using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Teahouse.Storage;

namespace Teahouse.Hooks;

/// <summary>All SQL that writes <c>hooks</c>. Stateless but for the clock; runs in its caller's transaction.</summary>
internal sealed class HookStore(TimeProvider clock)
{
    /// <summary>Webhooks of one room.</summary>
    public const int MaxPerRoom = 50;

    private const string Insert = """
        INSERT INTO hooks (secret_hash, room_id, name, created_by, created_at)
        VALUES (@secretHash, @roomId, @name, @createdBy, @now)
        RETURNING id
        """;

    private const string CountOfRoom = "SELECT COUNT(*) FROM hooks WHERE room_id = @roomId";

    private const string DeleteOne = "DELETE FROM hooks WHERE id = @id AND room_id = @roomId RETURNING name";

    private const string Touch = "UPDATE hooks SET last_used_at = @now WHERE id = @id";

    /// <summary>What a copy of the database may know of a secret.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <exception cref="RefusedException"><see cref="Refusal.TooMany"/>.</exception>
    public async Task<NewHook> CreateAsync(DbSession session, long roomId, string name, Caller maker)
    {
        if (await session.GetAsync<long>(CountOfRoom, new { roomId }) >= MaxPerRoom)
        {
            throw new RefusedException(Refusal.TooMany, MaxPerRoom);
        }
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        var now = clock.GetStoredNow();
        var id = await session.GetAsync<long>(Insert, new { secretHash = Hash(secret), roomId, name, createdBy = maker.UserId, now });
        return new NewHook(secret, new HookRow { Id = id, Name = name, CreatedBy = maker.Username, CreatedAt = now });
    }

    /// <summary>Returns its name; null when the room has none of that id.</summary>
    public static Task<string?> DeleteAsync(DbSession session, long roomId, long id) => session.FindAsync<string>(DeleteOne, new { id, roomId });

    public Task NoteUseAsync(DbSession session, long id) => session.ExecuteAsync(Touch, new { id, now = clock.GetUtcNow() });
}
