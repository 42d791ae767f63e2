using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Rooms;

namespace Teahouse.Messages;

/// <summary>The conversation: posting, history, catch-up, read marks, and the sockets' commands.</summary>
internal static class MessagesFeature
{
    public static IServiceCollection AddMessages(this IServiceCollection services)
    {
        services.AddSingleton<MessageStore>();
        services.AddSingleton<MessageQueries>();
        services.AddSingleton<MessageEncoder>();
        services.AddSingleton<MessagePublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<MessagePublisher>());
        services.AddSingleton<RoomLog>();
        services.AddSingleton<PostMessage>();
        services.AddSingleton<MarkRead>();
        services.AddSingleton<CatchUp>();
        services.AddSingleton<ReadHistory>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<RoomFeeds>();
        services.AddSingleton<SystemMessages>();
        services.AddSingleton<AnnounceRoomEvent>(provider => provider.GetRequiredService<SystemMessages>().AnnounceAsync);
        services.AddSingleton<SocketServices>();
        services.AddSingleton<SocketRoutes>();
        services.AddSingleton<RoomPageQueries>();
        services.AddSingleton<EventTexts>();
        services.AddSingleton<MessageRows>();
        services.AddSingleton<ScriptTexts>();
        services.AddSingleton<RoomPageText>();
        services.AddSingleton<ReadRoomPage>();
        services.AddSingleton<Conversation>();
        services.AddSingleton<RoomListQueries>();
        services.AddSingleton<RoomListText>();
        services.AddSingleton<RoomDirectoryQueries>();
        // Guests come by the lobby's address; it is the same page.
        services.Configure<RazorPagesOptions>(options => options.Conventions.AddPageRoute("/Messages/RoomPage", "/chat/{room}"));
        return services;
    }

    public static void MapMessages(this IEndpointRouteBuilder app)
    {
        MessagesApi.Map(app);
        SocketRoutes.Map(app);
    }
}
