using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Sets the request's <see cref="Caller"/>, and leads to the setup while there is no account.</summary>
internal sealed class CallerMiddleware(RequestDelegate next, Settings settings, GuestPass guests, GuestBook book, Nicknames nicknames, FirstRun firstRun)
{
    private static readonly string[] LeadToSetup = ["/", "/login", "/login/", "/signup", "/signup/"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.NeedsNobody())
        {
            await next(context);
            return;
        }
        // Credentials that came on purpose and are wrong must not quietly become nobody's.
        if (context.Features.Get<RefusedCredentials>() is { } wrong)
        {
            throw new RefusedException(wrong.Refusal);
        }
        context.SetCaller(await FindAsync(context));
        if (LeadToSetup.Contains(context.Request.Path.Value, StringComparer.OrdinalIgnoreCase)
            && await firstRun.IsPendingAsync(context.RequestAborted))
        {
            context.Response.Redirect("/setup/");
            return;
        }
        await next(context);
    }

    private async ValueTask<Caller> FindAsync(HttpContext context)
    {
        if (context.Features.Get<Identified>() is { } identified)
        {
            return identified.Caller;
        }
        var network = context.Connection.RemoteIpAddress is { } address ? ClientNetwork.Of(address) : null;
        // A name that became a user's since it was chosen is not the guest's any more.
        if (settings.GuestsAllowed && guests.Find(context) is { } pass && await nicknames.IsAllowedAsync(pass.Nickname, context.RequestAborted))
        {
            await book.SeeAsync(pass, network ?? "", context.RequestAborted);
            return GuestPass.ToCaller(pass) with { Network = network };
        }
        return Caller.Anonymous with { Network = network };
    }
}
