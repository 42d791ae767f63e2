using Microsoft.Extensions.DependencyInjection.Extensions;
using Teahouse.Web;

namespace Teahouse.Mail;

/// <summary>Mail: features ask for letters in the transactions that make them needed, and a process that works sends them later.</summary>
internal static class MailFeature
{
    /// <summary>What asks for letters.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.TryAddSingleton<MailOutbox>();
        services.TryAddSingleton<SiteAddress>();
        return services;
    }

    /// <summary>What sends them, beside <see cref="AddMail"/>.</summary>
    public static IServiceCollection AddMailWork(this IServiceCollection services, Settings settings)
    {
        services.AddLocalization();
        services.AddSingleton<SmtpSender>();
        return settings.Mail.IsOn ? services.AddHostedService<MailLoop>() : services;
    }

    /// <summary>Adds a kind of letters.</summary>
    public static IServiceCollection AddMailWriter<TWriter>(this IServiceCollection services) where TWriter : class, IMailWriter => services.AddSingleton<IMailWriter, TWriter>();
}
