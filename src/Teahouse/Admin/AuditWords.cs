using Microsoft.Extensions.Localization;

namespace Teahouse.Admin;

/// <summary>Says the verbs and states of the audit log in the reader's language. Thread-safe.</summary>
public sealed class AuditWords(IStringLocalizer<AdminText> texts)
{
    /// <summary>Every verb this version writes.</summary>
    public static IReadOnlyList<string> Actions { get; } =
    [
        "user_added", "first_administrator_made", "password_changed", "user_disabled", "user_enabled", "administrator_made", "administrator_revoked", "sessions_ended", "session_ended", "user_deleted", "user_deletion_asked", "data_requested",
        "invite_made", "invite_revoked", "token_made", "token_revoked",
        "room_access_changed", "room_archived", "room_unarchived", "room_deleted", "role_changed", "member_added", "member_removed", "member_banned", "member_unbanned",
        "project_given", "project_deleted", "visitor_blocked", "visitor_unblocked",
        "hook_made", "hook_revoked", "webhook_added", "webhook_removed", "webhook_rotated", "webhook_paused", "webhook_resumed", "webhook_ended",
        "sink_added", "sink_paused", "sink_resumed", "sink_reset", "sink_removed", "sheet_audited", "guest_banned", "guest_unbanned", "messages_expired", "retention_changed", "message_removed", "messages_read", "list_exported", "reset_link_made", "django_imported",
    ];

    /// <summary>The verb in words; as it is written down when it is another version's.</summary>
    public string Act(string action) => texts["Act." + action] is { ResourceNotFound: false } words ? words : action;

    /// <summary>A state in words; as it is when it is a name or a text.</summary>
    public string State(string value) => texts["Value." + value] is { ResourceNotFound: false } words ? words : value;
}
