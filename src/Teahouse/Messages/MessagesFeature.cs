using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Teahouse.Accounts;
using Teahouse.Messages.Compat;
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
        services.AddSingleton<MessageSignal>();
        services.AddSingleton<RoomLog>();
        services.AddSingleton<PostWrite>();
        services.AddSingleton<PostMessage>();
        services.AddSingleton<RemoveMessage>();
        services.AddSingleton<EditMessage>();
        services.AddSingleton<MessageSearch>();
        services.AddMessageWork();
        services.AddSingleton<MarkRead>();
        services.AddSingleton<CatchUp>();
        services.AddSingleton<ReadHistory>();
        services.AddSingleton<MessageDoor>();
        services.AddSingleton<ExportRoom>();
        services.AddSingleton<RateLimits>();
        services.AddHostedService<MadeAtStart<RateLimits>>();
        services.AddSingleton<RoomFeeds>();
        services.AddSingleton<AccountWatch>();
        services.AddHostedService<HeadWatch>();
        services.AddHostedService<NoticeRelay>();
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

    /// <summary>What is done to messages by the clock, also where there is no site.</summary>
    public static IServiceCollection AddMessageWork(this IServiceCollection services)
    {
        services.TryAddSingleton<GuestBans>();
        services.TryAddSingleton<RoomQueries>();
        services.TryAddSingleton<RoomStore>();
        services.TryAddSingleton<MessageStore>();
        services.TryAddSingleton<MessageQueries>();
        services.TryAddSingleton<MessageSignal>();
        services.TryAddSingleton<RoomLog>();
        services.TryAddSingleton<SystemMessages>();
        services.TryAddSingleton<LeaveUserMessages>();
        services.TryAddSingleton<LeaveMessages>(provider => provider.GetRequiredService<LeaveUserMessages>().ExecuteAsync);
        return services;
    }

    /// <param name="app">The site.</param>
    /// <param name="api">The group of calls under <c>/api/v1</c>.</param>
    public static void MapMessages(this IEndpointRouteBuilder app, RouteGroupBuilder api)
    {
        MessagesApi.Map(api);
        SendMessageApi.Map(app);
        SocketRoutes.Map(app);
    }
}
