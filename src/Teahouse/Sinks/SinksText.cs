namespace Teahouse.Sinks;

/// <summary>Marks the resources with the texts about sinks: states, and why one waits or is paused.</summary>
public sealed class SinksText;
