using Microsoft.Extensions.Localization;
using Teahouse.Mail;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>A webhook that is paused.</summary>
/// <param name="WebhookId">Which.</param>
/// <param name="Reason">A <see cref="SinkReason"/>.</param>
internal sealed record WebhookPausedOrder(long WebhookId, string Reason);

/// <summary>Tells the owner of a webhook that nothing is sent to it any more, and why.</summary>
internal sealed class WebhookPausedLetter(WebhookQueries webhooks, SinkWords words, SiteAddress site, IStringLocalizer<WebhooksText> text, Settings settings) : IMailWriter
{
    public const string MailKind = "webhook-paused";

    public string Kind => MailKind;

    public async Task<Letter?> WriteAsync(MailOrder order, CancellationToken ct)
    {
        var (id, reason) = order.Read<WebhookPausedOrder>();
        if (await webhooks.FindOwnerAsync(id, ct) is not { Email: { } email } owner)
        {
            return null;
        }
        var home = site.Of(null);
        var page = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{home}/settings/webhooks/{id}/");
        // The address may hold a key of its receiver: only where it leads is told.
        return Spoken.In(owner.Language ?? settings.Language, () => new Letter(email, text["Mail.Paused.Subject", new Uri(owner.Url).Host],
            text["Mail.Paused.Body", home, new Uri(owner.Url).Host, words.Say(reason), page].Value + "\n"));
    }
}
