namespace Teahouse;

/// <summary>Marks the resources with the texts of refusals.</summary>
public sealed class RefusalText;
