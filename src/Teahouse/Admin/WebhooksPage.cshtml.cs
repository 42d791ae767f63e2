using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Sinks.Webhooks;

namespace Teahouse.Admin;

/// <summary><c>/admin/webhooks/</c>: everybody's outgoing webhooks.</summary>
public sealed class WebhooksPage(IServiceProvider services) : AdminListPage<WebhookListRow>
{
    public override string Path => "/admin/webhooks/";

    protected override string Prefix => "Webhooks";

    internal static readonly string[] States = ["running", "waiting", "paused"];

    protected override IReadOnlyList<AdminAct> Acts =>
    [
        new("pause", (webhook, ct) => Administer.PauseAsync(Caller, webhook.Id, ct)),
        new("resume", (webhook, ct) => Administer.ResumeAsync(Caller, webhook.Id, ct)),
        new("remove", (webhook, ct) => Administer.RemoveAsync(Caller, webhook.Id, ct)) { IsDanger = true },
    ];

    private WebhookListQueries Queries => services.GetRequiredService<WebhookListQueries>();

    private AdministerWebhooks Administer => services.GetRequiredService<AdministerWebhooks>();

    public Task<IActionResult> OnGetAsync(CancellationToken ct) => ShowAsync((cut, cancel) => Queries.ListAsync(Asks("q"), Asks("state", States), cut, cancel), webhook => webhook.Id,
        (["id", "owner", "host", "state", "delivered", "created_at", "last_success_at", "last_error"], CellsOf), ct);

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Queries.ListAsync(ids, ct)).Select(webhook => new AdminThing(webhook.Id, $"{webhook.Host} · {webhook.Owner}"))];

    private static string[] CellsOf(WebhookListRow webhook) =>
    [
        webhook.Id.ToString(CultureInfo.InvariantCulture), webhook.Owner, webhook.Host, webhook.State, webhook.Delivered.ToString(CultureInfo.InvariantCulture), CsvTime.Of(webhook.CreatedAt),
        CsvTime.Of(webhook.LastSuccessAt), webhook.LastError ?? "",
    ];
}
