namespace Teahouse.Rooms;

/// <summary>Marks the resources with the texts of the rooms' pages.</summary>
public sealed class RoomsText;
