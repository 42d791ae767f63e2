using Teahouse.Storage;

namespace Teahouse.MyData;

/// <summary>SQL that reads everything that is kept about one user, but no secrets. Thread-safe.</summary>
internal sealed class MyDataQueries(Db db)
{
    // A user's messages have no index of their own: the log is looked through in stretches, none of which holds a reader open for long.
    private const int Stretch = 20_000;

    private const string Profile = """
        SELECT username, display_name, avatar_colour, email, is_admin, language, time_zone, enter_breaks, notify_of, notify_sound, created_at
        FROM users
        WHERE id = @userId
        """;

    private const string Sessions = "SELECT created_at, last_seen_at, expires_at, user_agent, network FROM sessions WHERE user_id = @userId ORDER BY id LIMIT 1000";

    private const string Tokens = "SELECT name, scope, bot_name, created_at, last_used_at, expires_at FROM tokens WHERE user_id = @userId ORDER BY id LIMIT 1000";

    private const string Webhooks = "SELECT url, created_at FROM webhooks WHERE user_id = @userId ORDER BY id LIMIT 1000";

    private const string Rooms = """
        SELECT r.name, r.title, b.role, b.joined_at, b.last_read_seq
        FROM memberships b
        JOIN rooms r ON r.id = b.room_id
        WHERE b.user_id = @userId AND r.kind <> 'gone'
        ORDER BY r.id
        LIMIT 100000
        """;

    private const string Projects = "SELECT slug, title, description, created_at FROM projects WHERE owner_id = @userId ORDER BY id LIMIT 100000";

    private const string Messages = """
        SELECT m.id, r.name AS room, m.seq, m.text AS message, m.bot_name, m.created_at, m.edited_at, m.deleted_at
        FROM messages m
        JOIN rooms r ON r.id = m.room_id
        WHERE m.id > @after AND m.id <= @through AND m.user_id = @userId AND m.kind = 'text' AND r.kind <> 'gone'
        ORDER BY m.id
        LIMIT 20000
        """;

    // Counted in messages: their numbers have holes, a wide one after a restore.
    private const string EndOfStretch = """
        SELECT MAX(id)
        FROM (SELECT id FROM messages WHERE id > @after AND id <= @newest ORDER BY id LIMIT @stretch) AS stretch
        """;

    private const string Newest = "SELECT COALESCE(MAX(id), 0) FROM messages";

    /// <summary>All but the messages, and the last message there is; null when the user is gone.</summary>
    public Task<(MyProfile Profile, List<MySession> Sessions, List<MyToken> Tokens, List<MyWebhook> Webhooks, List<MyMembership> Rooms, List<MyProject> Projects, long Newest)?> FindAsync(long userId, CancellationToken ct) =>
        db.ReadAsync<(MyProfile, List<MySession>, List<MyToken>, List<MyWebhook>, List<MyMembership>, List<MyProject>, long)?>(async session =>
            await session.FindAsync<MyProfile>(Profile, new { userId }) is { } profile
                ? (profile, await session.QueryAsync<MySession>(Sessions, new { userId }), await session.QueryAsync<MyToken>(Tokens, new { userId }), await session.QueryAsync<MyWebhook>(Webhooks, new { userId }),
                    await session.QueryAsync<MyMembership>(Rooms, new { userId }), await session.QueryAsync<MyProject>(Projects, new { userId }), await session.GetAsync<long>(Newest))
                : null, ct);

    /// <summary>The user's messages of the stretch behind an id, and where it ends.</summary>
    public Task<(List<MyMessage> Messages, long Through)> ListMessagesAsync(long userId, long after, long newest, CancellationToken ct) => db.ReadAsync(async session =>
    {
        var through = await session.FindAsync<long?>(EndOfStretch, new { after, newest, stretch = Stretch }) ?? newest;
        return (await session.QueryAsync<MyMessage>(Messages, new { userId, after, through }), through);
    }, ct);
}

/// <summary>The user, as the file tells of them.</summary>
internal sealed record MyProfile
{
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public long? AvatarColour { get; init; }
    public string? Email { get; init; }
    public required bool IsAdmin { get; init; }
    public string? Language { get; init; }
    public string? TimeZone { get; init; }
    public required bool EnterBreaks { get; init; }
    public required string NotifyOf { get; init; }
    public required bool NotifySound { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A sign-in.</summary>
internal sealed record MySession
{
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public required string UserAgent { get; init; }
    public string? Network { get; init; }
}

/// <summary>An API token, by its name.</summary>
internal sealed record MyToken
{
    public required string Name { get; init; }
    public required string Scope { get; init; }
    public string? BotName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>An outgoing webhook.</summary>
internal sealed record MyWebhook
{
    public required string Url { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A room one is in.</summary>
internal sealed record MyMembership
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Role { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }
    public required long LastReadSeq { get; init; }
}

/// <summary>A project one has proposed.</summary>
internal sealed record MyProject
{
    public required string Slug { get; init; }
    public required string Title { get; init; }
    public required string Description { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Something one has said.</summary>
internal sealed record MyMessage
{
    public required long Id { get; init; }
    public required string Room { get; init; }
    public required long Seq { get; init; }
    public required string Message { get; init; }
    public string? BotName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? EditedAt { get; init; }
    public DateTimeOffset? DeletedAt { get; init; }
}
