using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Rooms, memberships, access.</summary>
internal static class RoomsFeature
{
    public static IServiceCollection AddRooms(this IServiceCollection services)
    {
        services.AddSingleton<RoomStore>();
        services.AddSingleton<RoomQueries>();
        services.AddSingleton<RoomEvictions>();
        services.AddSingleton<INoticeHandler, RoomNotices>();
        services.AddSingleton<RoomListing>();
        services.AddSingleton<RoomAdminQueries>();
        services.AddSingleton<GuestListQueries>();
        services.AddSingleton<RoomReader>();
        services.AddSingleton<RoomAccess>();
        services.AddSingleton<BeginRoom>();
        services.AddSingleton<CreateRoom>();
        services.AddSingleton<UpdateRoom>();
        services.AddSingleton<ArchiveRoom>();
        services.AddSingleton<ChangeRetention>();
        services.AddSingleton<DeleteRoom>();
        services.AddSingleton<JoinRoom>();
        services.AddSingleton<LeaveRoom>();
        services.AddSingleton<AddMember>();
        services.AddSingleton<RemoveMember>();
        services.AddSingleton<ChangeRole>();
        services.AddSingleton<BanMember>();
        services.AddSingleton<UnbanMember>();
        services.AddSingleton<GuestBans>();
        services.AddSingleton<BanGuest>();
        services.AddSingleton<RoomOperations>();
        services.AddSingleton<RoomDoor>();
        return services;
    }

    public static void MapRooms(this RouteGroupBuilder api) => RoomsApi.Map(api);
}
