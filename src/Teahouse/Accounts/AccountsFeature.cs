using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Users, sign-in, sessions, guests.</summary>
internal static class AccountsFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<GuestPass>();
        services.AddSingleton<Nicknames>();
        return services;
    }

    /// <summary>Finds out who calls, before anything that words or answers.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<Settings>();
        var guests = app.Services.GetRequiredService<GuestPass>();
        app.Use((context, next) =>
        {
            var caller = settings.GuestsAllowed && guests.Find(context) is { } pass ? GuestPass.ToCaller(pass) : Caller.Anonymous;
            context.SetCaller(caller);
            return next(context);
        });
    }
}
