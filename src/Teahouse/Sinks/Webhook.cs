namespace Teahouse.Sinks;

/// <summary>A webhook's registration: where messages of which rooms are to be sent. Its secret is not part of it.</summary>
public sealed record WebhookRow
{
    public required long Id { get; init; }
    public required string Url { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}
