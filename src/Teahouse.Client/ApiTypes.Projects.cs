namespace Teahouse.Client;

/// <summary>A project.</summary>
/// <param name="Slug">Its key.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Description">What it is about.</param>
/// <param name="Owner">The proposer's user name; null when the account was deleted.</param>
/// <param name="Path">The address of its page.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="Unread">The caller's unread messages in its chats; only in lists.</param>
public sealed record ProjectInfo(string Slug, string Title, string Description, string? Owner, string Path, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long? Unread);

/// <summary>A project to be made; without a slug the server makes one from the title.</summary>
public sealed record NewProject(string Title, string? Description = null, string? Slug = null);

/// <summary>What is to change about a project; null stays.</summary>
public sealed record ProjectChange(string? Title = null, string? Description = null, string? Owner = null);

/// <summary>A visitor's chat with a project's proposer.</summary>
/// <param name="Room">The room's name, for the calls about rooms and messages.</param>
/// <param name="Visitor">User name; null when the account was deleted.</param>
/// <param name="VisitorDisplayName">As others see it.</param>
/// <param name="LastMessage">The text of the last message; null before the first.</param>
/// <param name="UpdatedAt">The latest activity.</param>
/// <param name="Unread">The proposer's unread messages.</param>
/// <param name="Blocked">The proposer has ended it.</param>
/// <param name="Path">The address of its page.</param>
public sealed record ProjectChat(string Room, string? Visitor, string? VisitorDisplayName, string? LastMessage, DateTimeOffset UpdatedAt, long Unread, bool Blocked, string Path);

/// <summary>The caller's own chat with a project's proposer.</summary>
public sealed record OwnChat(string Room, string? Owner, string Path);

internal sealed record ProjectPage(ProjectInfo[] Projects, string? Next);

internal sealed record ChatPage(ProjectChat[] Chats, string? Next);
