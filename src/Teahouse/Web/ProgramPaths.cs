namespace Teahouse.Web;

/// <summary>The addresses that are for programs: they sign in by <c>Authorization</c>, and errors are JSON.</summary>
internal static class ProgramPaths
{
    private static readonly string[] Roots = ["/api", "/ws", "/chat/api/send_message", "/chats/api", "/hooks", "/openapi", "/metrics"];

    public static bool Take(PathString path) => Roots.Any(root => path.StartsWithSegments(root));

    /// <summary>Where HEAD is answered as GET: not where that would go on for long, nor where GET changes something, as in calls of older systems.</summary>
    public static bool TakeHead(PathString path) =>
        (path.StartsWithSegments("/api/v1") && path.Value!.TrimEnd('/').Split('/') is not ["", "api", "v1", "rooms", _, "stream" or "export"]) || path.StartsWithSegments("/openapi");

    /// <summary>Where a token may come with the request; webhooks are known by their secret alone.</summary>
    public static bool TakeTokens(PathString path) => Take(path) && !path.StartsWithSegments("/hooks");

    /// <summary>Where name and password may come with the request; sockets take tokens only.</summary>
    public static bool TakePasswords(PathString path) => TakeTokens(path) && !path.StartsWithSegments("/ws");
}
