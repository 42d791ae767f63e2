using Microsoft.AspNetCore.Localization;

namespace Teahouse.Web;

/// <summary>Chooses the interface's language by <c>Accept-Language</c>, with every tag of Chinese mapped to its script.</summary>
internal sealed class AcceptLanguage : RequestCultureProvider
{
    public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
        Task.FromResult(Match(httpContext.Request) is { } match ? new ProviderCultureResult(match) : null);

    /// <summary>The best of ours that the request accepts; null when it names none.</summary>
    public static string? Match(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(language => language.Quality ?? 1)
        .Select(language => language.Value.Value is { } tag ? Languages.Match(tag) : null)
        .FirstOrDefault(language => language is not null);
}
