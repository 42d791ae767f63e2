using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Teahouse.Jobs;
using Teahouse.Mail;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Users, sign-in, sessions, guests, invites.</summary>
internal static class AccountsFeature
{
    private const string BySender = "BySender";

    // OWASP's number for PBKDF2 with SHA-512; the framework's own default is lower.
    private const int PasswordRounds = 210_000;

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddAccountWork();
        services.AddSingleton<NameBook>();
        services.AddSingleton<INoticeHandler, AccountNotices>();
        services.AddSingleton<InviteStore>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<GuestPass>();
        services.AddSingleton(provider => new Nicknames(provider.GetRequiredService<NameBook>()));
        services.AddSingleton<TokenQueries>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<MakeToken>();
        services.AddSingleton<UserListQueries>();
        services.AddSingleton<InviteListQueries>();
        services.AddSingleton<TokenListQueries>();
        services.AddSingleton<RevokeToken>();
        services.AddSingleton<DisableUser>();
        services.AddSingleton<EnableUser>();
        services.AddSingleton<ChangeAdministrator>();
        services.AddSingleton<SignOutEverywhere>();
        services.AddSingleton<PasswordPairs>();
        services.AddSingleton<LoginThrottle>();
        services.AddHostedService<MadeAtStart<LoginThrottle>>();
        services.AddSingleton<DecoyPassword>();
        services.AddSingleton<FirstRun>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstRun>());
        services.AddSingleton<SessionCare>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionCare>());

        // Before AddIdentityCore, which would bring its own rules.
        services.AddScoped<IUserValidator<User>, UsernameRule>();
        services.AddScoped<IPasswordHasher<User>, ImportedPasswords>();
        services.AddScoped<IPasswordValidator<User>, PasswordRule>();
        services.AddScoped<ILookupNormalizer, NameNormalizer>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = PasswordRounds);
        services.AddIdentityCore<User>().AddUserStore<UserStore>();
        services.AddScoped<UserStore>();
        services.AddScoped<ChangeProfile>();
        services.AddScoped<ChangeEmail>();
        services.AddScoped<DeleteOwnAccount>();
        services.AddScoped<ResetPassword>();
        services.AddScoped<SignIn>();

        services.AddAuthentication(BySender)
            .AddPolicyScheme(BySender, displayName: null, options => options.ForwardDefaultSelector = SchemeOf)
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(TokenHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, BasicHandler>(BasicHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, configureOptions: null);
        services.AddAuthorization();
        services.Configure<RequestLocalizationOptions>(options => options.RequestCultureProviders.Insert(0, new AccountLanguage()));
        return services;
    }

    /// <summary>What is done by the clock, also where there is no site.</summary>
    public static IServiceCollection AddAccountWork(this IServiceCollection services)
    {
        services.AddSingleton<SessionCache>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<UserAccess>();
        services.AddSingleton<DeleteUser>();
        services.AddSingleton<AccountQueries>();
        services.AddSingleton<AccountLinkStore>();
        services.AddSingleton<MakeResetLink>();
        services.AddMailWriter<ResetLetter>();
        services.AddMailWriter<ConfirmEmailLetter>();
        services.AddMailWriter<EmailChangedLetter>();
        services.AddScheduledWork<DropExpiredLinks>();
        services.AddScheduledWork<DeleteDueAccounts>();
        services.AddSingleton<GuestBook>();
        return services.AddScheduledWork<EndExpiredSessions>().AddScheduledWork<ForgetOldGuests>();
    }

    /// <summary>Programs say who they are on purpose, which goes before a cookie that a browser sends by itself. Pages know cookies only: a proxy in front may
    /// use the header for its own.</summary>
    private static string SchemeOf(HttpContext context)
    {
        var path = context.Request.Path;
        return ProgramPaths.TakeTokens(path) && Credentials.Of(context.Request, TokenHandler.SchemeName) is not null ? TokenHandler.SchemeName
            : ProgramPaths.TakePasswords(path) && Credentials.Of(context.Request, BasicHandler.SchemeName) is not null ? BasicHandler.SchemeName
            : SessionHandler.SchemeName;
    }

    /// <summary>Finds out who calls, before anything that words or answers.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseMiddleware<CallerMiddleware>();
        app.UseAuthorization();
    }

    public static void MapAccounts(this RouteGroupBuilder api)
    {
        AccountsApi.Map(api);
        TokensApi.Map(api);
    }

    /// <summary>Once forms can be read: see <see cref="RequestGuard"/>.</summary>
    public static void UseRequestGuard(this WebApplication app) => app.UseMiddleware<RequestGuard>();
}
