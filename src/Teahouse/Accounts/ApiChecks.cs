using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Who may make a call of the API at all; which room they may be in is for <c>RoomAccess</c>.</summary>
internal static class ApiChecks
{
    /// <summary>Signed in: by session, token, or name and password.</summary>
    public static TBuilder ForUsers<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.Refuses(Refusal.SignInFirst)
        .Check(static context =>
        {
            if (!context.GetCaller().IsUser)
            {
                throw new RefusedException(Refusal.SignInFirst);
            }
        });

    /// <summary>Signed in, and where it is by token, by one that reaches so far.</summary>
    public static TBuilder ForUsers<TBuilder>(this TBuilder builder, TokenScope scope) where TBuilder : IEndpointConventionBuilder => builder.ForUsers().Refuses(Refusal.ScopeTooSmall)
        .Check(context => context.GetCaller().Require(scope));

    /// <summary>Who is signed in; after <see cref="ForUsers{TBuilder}(TBuilder)"/> never refused.</summary>
    public static long GetUserId(this HttpContext context) => context.GetCaller().UserId ?? throw new RefusedException(Refusal.SignInFirst);
}
