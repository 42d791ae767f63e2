using System.Text.Json.Serialization;

namespace Teahouse.Projects;

/// <summary>A project to be made.</summary>
/// <param name="Title">1 to 100 visible characters.</param>
/// <param name="Description">Up to 5,000 characters; may be left out.</param>
/// <param name="Slug">The URL key, 1 to 50 of a–z, 0–9, <c>-</c> and <c>_</c>; made from the title when left out.</param>
public sealed record CreateProjectRequest(string? Title, string? Description, string? Slug);

/// <summary>What is to change; what is left out stays.</summary>
/// <param name="Title">1 to 100 visible characters.</param>
/// <param name="Description">Up to 5,000 characters.</param>
/// <param name="Owner">The username of who shall own it from now on.</param>
public sealed record UpdateProjectRequest(string? Title, string? Description, string? Owner);

/// <summary>A project.</summary>
public sealed record ProjectAnswer
{
    [JsonPropertyName("slug")]
    public required string Slug { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("description")]
    public required string Description { get; init; }

    /// <summary>The proposer's username; null when the account was deleted.</summary>
    [JsonPropertyName("owner")]
    public required string? Owner { get; init; }

    /// <summary>The address of its page.</summary>
    [JsonPropertyName("path")]
    public required string Path { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The caller's unread messages in its chats; only in lists.</summary>
    [JsonPropertyName("unread"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Unread { get; init; }
}

/// <summary>A page of projects, the newest first.</summary>
/// <param name="Projects">At most <c>limit</c>.</param>
/// <param name="HasMore">There are more.</param>
/// <param name="Next">What to ask for as <c>after</c> to get them; null when there are none.</param>
public sealed record ProjectPageAnswer(
    [property: JsonPropertyName("projects")] IReadOnlyList<ProjectAnswer> Projects,
    [property: JsonPropertyName("has_more")] bool HasMore,
    [property: JsonPropertyName("next")] string? Next);

/// <summary>A visitor's chat with the owner.</summary>
public sealed record ChatAnswer
{
    /// <summary>The room's name, for every other call about it.</summary>
    [JsonPropertyName("room")]
    public required string Room { get; init; }

    /// <summary>The visitor's username; null when the account was deleted.</summary>
    [JsonPropertyName("visitor")]
    public required string? Visitor { get; init; }

    [JsonPropertyName("visitor_display_name")]
    public required string? VisitorName { get; init; }

    /// <summary>The text of the last message; null before the first.</summary>
    [JsonPropertyName("last_message")]
    public required string? LastMessage { get; init; }

    /// <summary>The latest activity.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonPropertyName("unread")]
    public required long Unread { get; init; }

    /// <summary>The owner has ended it.</summary>
    [JsonPropertyName("blocked")]
    public required bool IsBlocked { get; init; }

    /// <summary>The address of its page.</summary>
    [JsonPropertyName("path")]
    public required string Path { get; init; }
}

/// <summary>A page of chats, latest activity first.</summary>
/// <param name="Chats">At most <c>limit</c>.</param>
/// <param name="Unread">The caller's unread messages in all chats of the project.</param>
/// <param name="HasMore">There are more.</param>
/// <param name="Next">What to ask for as <c>after</c> to get them; null when there are none.</param>
public sealed record ChatPageAnswer(
    [property: JsonPropertyName("chats")] IReadOnlyList<ChatAnswer> Chats,
    [property: JsonPropertyName("unread")] long Unread,
    [property: JsonPropertyName("has_more")] bool HasMore,
    [property: JsonPropertyName("next")] string? Next);

/// <summary>A visitor's own chat.</summary>
/// <param name="Room">The room's name, for every other call about it.</param>
/// <param name="Owner">Whom one talks with; null when the account was deleted.</param>
/// <param name="Path">The address of its page.</param>
public sealed record OwnChatAnswer(
    [property: JsonPropertyName("room")] string Room,
    [property: JsonPropertyName("owner")] string? Owner,
    [property: JsonPropertyName("path")] string Path);
