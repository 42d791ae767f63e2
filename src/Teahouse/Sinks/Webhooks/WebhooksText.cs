namespace Teahouse.Sinks.Webhooks;

/// <summary>Marks the resources with the texts of outgoing webhooks.</summary>
public sealed class WebhooksText;
