using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Who may make a call of the API at all; which room they may be in is for <c>RoomAccess</c>.</summary>
internal static class ApiChecks
{
    /// <summary>Signed in: by session, token, or name and password.</summary>
    public static TBuilder ForUsers<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.Refuses(Refusal.SignInFirst).WithMetadata(new ForUsersMetadata());

    /// <summary>Signed in, or a guest: whoever may have said something.</summary>
    public static TBuilder ForAuthors<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.Refuses(Refusal.SignInFirst).WithMetadata(new ForAuthorsMetadata());

    /// <summary>Before the body is looked at: who nobody knows is not told what is wrong with it.</summary>
    public static void RequireIdentity(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if ((metadata?.GetMetadata<ForUsersMetadata>() is not null && !context.GetCaller().IsUser)
            || (metadata?.GetMetadata<ForAuthorsMetadata>() is not null && context.GetCaller().Kind == CallerKind.Anonymous))
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
    }

    /// <summary>Signed in, and where it is by token, by one that reaches so far.</summary>
    public static TBuilder ForUsers<TBuilder>(this TBuilder builder, TokenScope scope) where TBuilder : IEndpointConventionBuilder => builder.ForUsers().Refuses(Refusal.ScopeTooSmall)
        .Check(context => context.GetCaller().Require(scope));

    /// <summary>Who is signed in; after <see cref="ForUsers{TBuilder}(TBuilder)"/> never refused.</summary>
    public static long GetUserId(this HttpContext context) => context.GetCaller().UserId ?? throw new RefusedException(Refusal.SignInFirst);
}

/// <summary>See <see cref="ApiChecks.ForUsers{TBuilder}(TBuilder)"/>; looked at by <see cref="RequestGuard"/>.</summary>
internal sealed record ForUsersMetadata;

/// <summary>See <see cref="ApiChecks.ForAuthors{TBuilder}"/>.</summary>
internal sealed record ForAuthorsMetadata;
