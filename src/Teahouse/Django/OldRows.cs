namespace Teahouse.Django;

/// <summary>A row of <c>auth_user</c>; <paramref name="JoinedAt"/> is null when what stands there is no time, <paramref name="Mark"/> is of <see cref="SiteMark"/>.</summary>
internal sealed record OldUser(long Id, string Username, string Email, string Password, bool IsActive, bool IsStaff, DateTimeOffset? JoinedAt, string Mark);

/// <summary>A row of <c>projects_project</c>; <paramref name="CreatedAt"/> is null when what stands there is no time, or nothing does.</summary>
internal sealed record OldProject(long Id, string Slug, string Title, string Description, long? OwnerId, DateTimeOffset? CreatedAt);

/// <summary>A room, or a chat of a project, as a site kept it.</summary>
/// <param name="Key">Its id there; of a room without one, its name.</param>
/// <param name="Name">Its name; empty for a chat.</param>
/// <param name="OwnerId">Who made it, or whose project it belongs to.</param>
/// <param name="VisitorId">Of a chat: the other one.</param>
/// <param name="ProjectId">Of a chat.</param>
/// <param name="CreatedAt">Null: when its first message was written.</param>
internal sealed record OldRoom(string Key, string Name, long? OwnerId, long? VisitorId, long? ProjectId, DateTimeOffset? CreatedAt);

/// <summary>A message; <paramref name="At"/> is null when what stands there is no time.</summary>
internal sealed record OldMessage(long Id, long? SenderId, string Text, DateTimeOffset? At, bool IsRead);
