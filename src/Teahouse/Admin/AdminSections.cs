namespace Teahouse.Admin;

/// <summary>One part of the administrators' pages.</summary>
/// <param name="Name">Of the keys of its texts.</param>
/// <param name="Path">Its first page.</param>
/// <param name="Icon">A name in <c>Assets/icons/icons.txt</c>.</param>
public sealed record AdminSection(string Name, string Path, string Icon);

/// <summary>The parts of the administrators' pages, in their order.</summary>
public static class AdminSections
{
    public static IReadOnlyList<AdminSection> All { get; } =
    [
        new("Overview", "/admin/", "shield"),
        new("Users", "/admin/users/", "users"),
        new("Guests", "/admin/guests/", "user"),
        new("Rooms", "/admin/rooms/", "message-circle"),
        new("Messages", "/admin/messages/", "messages-square"),
        new("Projects", "/admin/projects/", "folder-kanban"),
        new("Invites", "/admin/invites/", "user-plus"),
        new("Tokens", "/admin/tokens/", "key-round"),
        new("Hooks", "/admin/hooks/", "webhook"),
        new("Webhooks", "/admin/webhooks/", "send-horizontal"),
        new("Sinks", "/admin/sinks/", "arrow-down"),
        new("Audit", "/admin/audit/", "book-open"),
        new("State", "/admin/state/", "monitor"),
    ];
}
