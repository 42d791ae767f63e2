using Microsoft.AspNetCore.Localization;

namespace Teahouse.Accounts;

/// <summary>The language a signed-in user chose, which goes before the browser's.</summary>
internal sealed class AccountLanguage : RequestCultureProvider
{
    public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
        Task.FromResult(httpContext.Features.Get<Identified>()?.Language is { } language ? new ProviderCultureResult(language) : null);
}
