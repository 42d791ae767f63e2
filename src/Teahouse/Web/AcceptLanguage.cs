using Microsoft.AspNetCore.Localization;

namespace Teahouse.Web;

/// <summary>Chooses the interface's language by <c>Accept-Language</c>, with every tag of Chinese mapped to its script.</summary>
internal sealed class AcceptLanguage : RequestCultureProvider
{
    public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext)
    {
        var match = httpContext.Request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.Value is { } tag ? Languages.Match(tag) : null)
            .FirstOrDefault(language => language is not null);
        return Task.FromResult(match is null ? null : new ProviderCultureResult(match));
    }
}
