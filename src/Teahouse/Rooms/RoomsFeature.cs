namespace Teahouse.Rooms;

/// <summary>Rooms, memberships, access.</summary>
internal static class RoomsFeature
{
    public static IServiceCollection AddRooms(this IServiceCollection services)
    {
        services.AddSingleton<RoomStore>();
        services.AddSingleton<RoomQueries>();
        services.AddSingleton<RoomAccess>();
        services.AddSingleton<BeginRoom>();
        return services;
    }
}
