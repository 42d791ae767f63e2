namespace Teahouse.Web;

/// <summary>Where people find this site, for links that leave it. Thread-safe.</summary>
internal sealed class SiteAddress(Settings settings)
{
    /// <summary>The site's address, without a slash at its end.</summary>
    /// <param name="request">From which it is asked; null where nobody asks.</param>
    public string Of(HttpRequest? request)
    {
        if (settings.Mail.PublicUrl is { } known)
        {
            return known.AbsoluteUri.TrimEnd('/');
        }
        // Where any name is answered to, the one in a request is whatever a stranger wants others to be led to.
        return request is not null && !settings.AllowedHosts.Any(host => host.Contains('*', StringComparison.Ordinal))
            ? $"{request.Scheme}://{request.Host.ToUriComponent()}"
            : Fallback;
    }

    /// <summary>Whether people on other machines can follow a link that nobody's request has asked for.</summary>
    public bool IsForOthers => settings.Mail.PublicUrl is not null || ListenUrls.IsForOthers(settings.Urls[0]);

    private string Fallback => ListenUrls.FromHere(settings.Urls[0]).AbsoluteUri.TrimEnd('/');
}
