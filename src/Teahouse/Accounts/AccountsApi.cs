using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Who the caller is.</summary>
/// <param name="Id">The account's id; null for guests.</param>
/// <param name="Username">User name or nickname.</param>
/// <param name="DisplayName">As others see it.</param>
/// <param name="Guest">A visitor with a nickname and without an account.</param>
/// <param name="Bot">Came by an API token.</param>
/// <param name="Admin">May what administrators may.</param>
/// <param name="Scope">How far the token reaches; null without one.</param>
/// <param name="TimeZone">IANA name of the zone they chose; null for the server's.</param>
public sealed record MeAnswer(long? Id, string Username, string DisplayName, bool Guest, bool Bot, bool Admin, [property: AllowedValues("read", "write", "admin")] string? Scope, string? TimeZone)
{
    /// <summary>The avatar colour they chose, one of ten; left out for that of the name.</summary>
    [Range(0, 9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? AvatarColour { get; init; }
}

/// <summary>An account, as others see it.</summary>
public sealed record UserAnswer(string Username, string DisplayName)
{
    /// <summary>The avatar colour they chose, one of ten; left out for that of the name.</summary>
    [Range(0, 9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? AvatarColour { get; init; }
}

/// <summary>Accounts in order of their names.</summary>
/// <param name="Users">This page of them.</param>
/// <param name="HasMore">There are more.</param>
/// <param name="Next">What to ask for as <c>after</c> to get them; null when there are none.</param>
public sealed record UserList(IReadOnlyList<UserAnswer> Users, bool HasMore, string? Next);

/// <summary><c>/api/v1/me</c> and <c>/api/v1/users</c>.</summary>
internal static class AccountsApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int MaxSearch = 150;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/me", Me).WithTags("Accounts").WithName("getMe").WithSummary("Who you are")
            .WithDescription("Also for guests with a nickname; 401 for everybody else.").Refuses(Refusal.SignInFirst).WithETag();
        api.MapGet("/users", ListAsync).WithTags("Accounts").WithName("listUsers").WithSummary("Find accounts")
            .WithDescription("Accounts whose user name or display name holds `q`, in order of their user names.").ForUsers().Refuses(Refusal.BadFrame).WithETag();
    }

    private static Ok<MeAnswer> Me(HttpContext context)
    {
        var caller = context.GetCaller();
        return caller.Kind is CallerKind.User or CallerKind.Guest
            ? TypedResults.Ok(new MeAnswer(caller.UserId, caller.Username, caller.DisplayName, caller.IsGuest, caller.IsBot, caller.IsAdmin,
                caller.Token?.Scope.ToText(), caller.TimeZone?.Id)
            { AvatarColour = caller.AvatarColour })
            : throw new RefusedException(Refusal.SignInFirst);
    }

    private static async Task<Ok<UserList>> ListAsync(
        AccountQueries queries,
        [Description("A part of the name, at most 150 characters; empty for all.")] string? q,
        [Description("The `next` of the page before.")] string? after,
        [Description("How many at most, 1 to 200; 50 if left out."), Range(1, 200)] int? limit,
        CancellationToken ct)
    {
        var most = Paging.Limit(limit, DefaultLimit, MaxLimit);
        var text = VisibleText.Line(q, MaxSearch) ?? throw new RefusedException(Refusal.BadFrame) { Field = "q" };
        var from = VisibleText.Line(after, UsernameRule.MaxLength) ?? throw new RefusedException(Refusal.BadFrame) { Field = "after" };
        var found = await queries.SearchAsync(text, from, most + 1, ct);
        var page = found.Take(most).Select(user => new UserAnswer(user.Username, user.DisplayName) { AvatarColour = user.AvatarColour }).ToList();
        var hasMore = found.Count > most;
        return TypedResults.Ok(new UserList(page, hasMore, hasMore ? page[^1].Username : null));
    }
}
