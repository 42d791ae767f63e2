using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Messages;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/messages/</c>: what is said in all rooms, private ones too, which is why each look is in the audit log.</summary>
public sealed class MessagesPage(IServiceProvider services) : AdminListPage<FoundMessage>
{
    private const int MaxExcerpt = 60;

    public override string Path => "/admin/messages/";

    protected override string Prefix => "Messages";

    internal static readonly string[] States = ["present", "removed"];

    /// <summary>How far was looked in the time a person waits, and where to go on; null when all was looked through.</summary>
    public (string Url, DateTimeOffset At)? GoOn { get; private set; }

    protected override IReadOnlyList<AdminAct> Acts => [new("remove", RemoveAsync) { IsDanger = true }];

    private MessageSearch Search => services.GetRequiredService<MessageSearch>();

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var filter = new MessageFilter(Asks("q"), Asks("author"), Asks("room"), Asks("state", States), Day("from"), Day("until")?.AddDays(1));
        await AuditLogOf.NoteAsync(HttpContext, "messages_read", filter.Room.Length > 0 ? filter.Room : "*", Request.QueryString.Value ?? "", ct);
        var isFile = Asks("format") == "csv";
        return await ShowAsync((cut, cancel) => ReadAsync(filter, cut, isFile ? null : MessageSearch.Patience, cancel), message => message.Id,
            (["id", "room", "seq", "author", "guest", "text", "created_at", "removed_at"], CellsOf), ct);
    }

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Search.ListAsync(ids, ct)).Select(message => new AdminThing(message.Id, $"{message.Room} #{message.Seq} · {message.Author} · {Excerpt(message.Text)}"))];

    private async Task<List<FoundMessage>> ReadAsync(MessageFilter filter, ListCut cut, TimeSpan? patience, CancellationToken ct)
    {
        var found = await Search.FindAsync(filter, cut, patience, ct);
        if (found.LookedUntil is var (id, at))
        {
            GoOn = (Address(("before", id.ToString(CultureInfo.InvariantCulture)), ("after", null)), at);
        }
        return found.Rows;
    }

    private async Task<bool> RemoveAsync(AdminThing message, CancellationToken ct) => await services.GetRequiredService<RemoveMessage>().ExecuteAsync(Caller, [message.Id], ct) > 0;

    private static string Excerpt(string text) => new StringInfo(text) is { LengthInTextElements: > MaxExcerpt } long_ ? long_.SubstringByTextElements(0, MaxExcerpt) + "…" : text;

    private static string[] CellsOf(FoundMessage message) =>
    [
        message.Id.ToString(CultureInfo.InvariantCulture), message.Room, message.Seq.ToString(CultureInfo.InvariantCulture), message.Author, message.IsGuest ? "true" : "false",
        message.DeletedAt is null ? message.Text : "", CsvTime.Of(message.CreatedAt), CsvTime.Of(message.DeletedAt),
    ];
}
