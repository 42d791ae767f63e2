using Teahouse.Projects;
using Teahouse.Rooms;

namespace Teahouse.Django;

/// <summary>A room to be filled, and what of an older system goes into it.</summary>
/// <param name="Kind">The kind of its sources in <see cref="ImportStore"/>.</param>
/// <param name="Table">Where its messages stand.</param>
/// <param name="Sources">One; several where names differed in case only, or a visitor had two chats.</param>
internal sealed record RoomTarget(string Kind, string Table, IReadOnlyList<OldRoom> Sources)
{
    public Access Access => Kind switch
    {
        ImportStore.NamedRoom => Access.Guests,
        ImportStore.OwnedRoom => Access.Members,
        _ => Access.Private,
    };

    /// <summary>What to call it in the report.</summary>
    public string Label => Sources[0].Name.Length > 0 ? Sources[0].Name : $"chat {Sources[0].Key}";

    /// <summary>Of a chat: its project here.</summary>
    public Project? Project { get; init; }

    public long? OwnerId { get; init; }
    public long? VisitorId { get; init; }
}
