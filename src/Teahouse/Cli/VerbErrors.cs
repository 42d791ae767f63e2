using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;

namespace Teahouse.Cli;

/// <summary>Words a refusal for the shell.</summary>
internal static class VerbErrors
{
    public static VerbException From(RefusedException refused, IServiceProvider services) =>
        new(services.GetRequiredService<IStringLocalizer<RefusalText>>()[refused.Refusal.Name, [.. refused.Arguments]]);

    public static VerbException From(IdentityResult failed, IServiceProvider services)
    {
        var text = services.GetRequiredService<IStringLocalizer<AccountsText>>();
        return new(string.Join(' ', failed.Errors.Select(error => FormAnswers.Word(error.Code, text))));
    }
}
