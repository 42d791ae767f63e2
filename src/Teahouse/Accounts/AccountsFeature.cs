using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>Users, sign-in, sessions, guests, invites.</summary>
internal static class AccountsFeature
{
    // OWASP's number for PBKDF2 with SHA-512; the framework's own default is lower.
    private const int PasswordRounds = 210_000;

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AccountQueries>();
        services.AddSingleton<NameBook>();
        services.AddSingleton<SessionCache>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<InviteStore>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<GuestPass>();
        services.AddSingleton(provider => new Nicknames(provider.GetRequiredService<NameBook>()));
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<DecoyPassword>();
        services.AddSingleton<FirstRun>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstRun>());
        services.AddSingleton<SessionCare>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionCare>());

        // Before AddIdentityCore, which would bring its own rules.
        services.AddScoped<IUserValidator<User>, UsernameRule>();
        services.AddScoped<IPasswordValidator<User>, PasswordRule>();
        services.AddScoped<ILookupNormalizer, NameNormalizer>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = PasswordRounds);
        services.AddIdentityCore<User>().AddUserStore<UserStore>();
        services.AddScoped<UserStore>();
        services.AddScoped<ChangeProfile>();
        services.AddScoped<SignIn>();

        services.AddAuthentication(SessionHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, configureOptions: null);
        services.AddAuthorization();
        services.Configure<RequestLocalizationOptions>(options => options.RequestCultureProviders.Insert(0, new AccountLanguage()));
        return services;
    }

    /// <summary>Finds out who calls, before anything that words or answers.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseMiddleware<CallerMiddleware>();
        app.UseAuthorization();
    }
}
