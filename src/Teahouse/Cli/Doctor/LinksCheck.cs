using Teahouse.Web;

namespace Teahouse.Cli.Doctor;

/// <summary>Whether links in letters lead people to the site.</summary>
internal static class LinksCheck
{
    /// <param name="mail">Without a mail server there are no letters, and no line.</param>
    /// <param name="site">Where they lead.</param>
    public static IEnumerable<Finding> Run(MailSettings mail, SiteAddress site)
    {
        if (mail.IsOn && !site.IsForOthers)
        {
            yield return Finding.Warn("links", $"PUBLIC_URL is not set: links in letters that nobody's request has asked for lead to {site.Of(request: null)}, which is this machine itself");
        }
    }
}
