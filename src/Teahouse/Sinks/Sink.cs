using Teahouse.Messages;

namespace Teahouse.Sinks;

/// <summary>An outlet for messages, as it is kept.</summary>
public record SinkRow
{
    public required long Id { get; init; }

    /// <summary>Which <see cref="ISinkTarget"/> it belongs to.</summary>
    public required string Kind { get; init; }

    public required string Name { get; init; }

    /// <summary><see cref="SettingsOrigin"/>, or null for one made by a person.</summary>
    public string? Origin { get; init; }

    public long? RoomId { get; init; }
    public long? ProjectId { get; init; }

    /// <summary>The kind's own, as JSON.</summary>
    public required string Config { get; init; }

    /// <summary>What the kind remembers between two turns, as JSON.</summary>
    public string? Progress { get; init; }

    /// <summary><c>messages.id</c> up to which everything is delivered.</summary>
    public required long CursorId { get; init; }

    public required string State { get; init; }

    /// <summary>Why it is not running; see <see cref="SinkReason"/>.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? WaitUntil { get; init; }
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Failures since the last success.</summary>
    public required long Attempts { get; init; }

    /// <summary>The first of those.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Messages delivered so far.</summary>
    public required long Delivered { get; init; }

    public DateTimeOffset? LastSuccessAt { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset? LastErrorAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    public const string Running = "running";
    public const string Waiting = "waiting";
    public const string Paused = "paused";

    /// <summary>Of the one that the <c>GOOGLE_*</c> settings describe.</summary>
    public const string SettingsOrigin = "settings";

    public bool IsPaused => State == Paused;
}

/// <summary>Why a sink waits or is paused.</summary>
/// <param name="Code">Names its text: <c>Reason.&lt;code&gt;</c> in <c>SinksText</c>.</param>
/// <param name="Detail">What the other side said, in its own words; empty for nothing.</param>
public sealed record SinkReason(string Code, string Detail = "")
{
    /// <summary>A person paused it.</summary>
    public static readonly SinkReason ByHand = new("by_hand");

    /// <summary>Longer ones are cut: they come from elsewhere.</summary>
    private const int MaxDetail = 500;

    /// <summary>As it is kept: one line.</summary>
    public override string ToString()
    {
        var detail = Detail.ReplaceLineEndings(" ").Trim();
        return detail.Length == 0 ? Code : $"{Code}: {(detail.Length <= MaxDetail ? detail : detail[..(char.IsHighSurrogate(detail[MaxDetail - 1]) ? MaxDetail - 1 : MaxDetail)] + "…")}";
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static SinkReason Parse(string text) => text.IndexOf(": ", StringComparison.Ordinal) is var at and > 0 ? new(text[..at], text[(at + 2)..]) : new(text);
}

/// <summary>Whose messages a sink wants.</summary>
/// <param name="RoomIds">Only of these rooms; null for no such limit.</param>
/// <param name="ProjectId">Only of this project's chats; null for no such limit.</param>
public sealed record SinkScope(IReadOnlyList<long>? RoomIds, long? ProjectId)
{
    public static readonly SinkScope All = new(null, null);

    public static SinkScope Project(long projectId) => new(null, projectId);

    public static SinkScope Rooms(IReadOnlyList<long> roomIds) => new(roomIds, null);

    /// <summary>What the row itself says.</summary>
    public static SinkScope Of(SinkRow sink) => sink.RoomId is { } roomId ? Rooms([roomId]) : sink.ProjectId is { } projectId ? Project(projectId) : All;
}

/// <summary>A message on its way out.</summary>
/// <param name="Message">As readers see it: a deleted one has no text.</param>
/// <param name="Room">Its room's name.</param>
public sealed record SinkMessage(Message Message, string Room);
