namespace Teahouse.Hooks;

/// <summary>Marks the resources with the texts of the webhooks' page.</summary>
public sealed class HooksText;
