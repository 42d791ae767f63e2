namespace Teahouse.Admin;

/// <summary>Marks the resources with the texts of the administrators' pages.</summary>
public sealed class AdminText;
