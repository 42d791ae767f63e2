using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary>A page that is a list, newest first: a piece of it by key, the whole of it as a file, and acts on what was ticked, each asked once more before it is done.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public abstract class AdminListPage<TRow> : PageModel
{
    private const int PageSize = 50;

    /// <summary>More than a page shows, so that none of its boxes is in vain.</summary>
    private const int MaxChosen = 200;

    private const int MaxText = 200;

    public IReadOnlyList<TRow> Rows { get; private set; } = [];

    public ListFoot Foot { get; private set; } = new(null, null);

    /// <summary>What is to be confirmed, in the list's place; null for the list.</summary>
    public ConfirmView? Asked { get; private set; }

    /// <summary>What was just done; null for nothing.</summary>
    [TempData]
    public string? Done { get; set; }

    /// <summary>What was just refused; null for nothing.</summary>
    [TempData]
    public string? Failed { get; set; }

    /// <summary>The list's address.</summary>
    public abstract string Path { get; }

    /// <summary>This view of the list, to come back to.</summary>
    public string Here => Path + Request.QueryString.Value;

    /// <summary>What the page's buttons do.</summary>
    protected virtual IReadOnlyList<AdminAct> Acts => [];

    /// <summary>For the list's foot.</summary>
    public ListActs Buttons => new(Prefix, Acts);

    /// <summary>The names of those of these things that exist, for the question.</summary>
    protected virtual Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) => Task.FromResult<IReadOnlyList<AdminThing>>([]);

    /// <summary>The same for things by what they are known by on the wire.</summary>
    protected virtual Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken ct) =>
        FindAsync([.. keys.Select(Number).OfType<long>()], ct);

    /// <summary>See <see cref="ListCut.Tie"/>.</summary>
    protected virtual string TieOf(TRow row) => "";

    protected Caller Caller => HttpContext.GetCaller();

    protected IStringLocalizer<AdminText> Texts => HttpContext.RequestServices.GetRequiredService<IStringLocalizer<AdminText>>();

    /// <summary>What the address asks for under this name, of a longer text its beginning; empty for nothing.</summary>
    public string Asks(string name) => Request.Query[name].ToString() is var text && text.Length > MaxText ? text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)].Trim() : text.Trim();

    /// <summary>As <see cref="Asks(string)"/>, for a filter that knows only these values.</summary>
    public string Asks(string name, params string[] values) => Array.Find(values, value => value == Asks(name)) ?? "";

    /// <param name="label">What the search box looks through; null for no box.</param>
    /// <param name="filters">Beside it.</param>
    public ListHead Head(string? label, params ListFilter[] filters) => new(Path, label, label is null ? "" : Asks("q"), filters, Address(("format", "csv"), ("before", null), ("after", null)));

    /// <summary>A filter by one of few values, whose words are <c>&lt;prefix&gt;.&lt;value&gt;</c>.</summary>
    public ListFilter Filter(string name, string label, string prefix, params string[] values) => new(name, label, Asks(name, values))
    {
        Choices = [.. values.Select(value => (value, Texts[$"{prefix}.{value}"].Value))],
    };

    /// <summary>Shows a piece of the list, or sends all of it.</summary>
    /// <param name="read">Reads a piece, in the list's order.</param>
    /// <param name="keyOf">A row's id.</param>
    /// <param name="file">The file's columns, and a row's cells.</param>
    /// <param name="ct">Ends the wait.</param>
    protected async Task<IActionResult> ShowAsync(Func<ListCut, CancellationToken, Task<List<TRow>>> read, Func<TRow, long> keyOf, (string[] Columns, Func<TRow, string[]> CellsOf) file, CancellationToken ct)
    {
        if (Asks("format") == "csv")
        {
            await AuditLogOf.NoteAsync(HttpContext, "list_exported", Path, Request.QueryString.Value ?? "", ct);
            return new CsvResult<TRow>(Path.Trim('/').Replace('/', '-'), file.Columns, file.CellsOf, read, keyOf, TieOf);
        }
        var before = Cut("before", isNewer: false);
        var cut = Cut("after", isNewer: true) ?? before ?? ListCut.First(PageSize + 1);
        var rows = await read(cut, ct);
        var hasMore = rows.Count > PageSize;
        if (hasMore)
        {
            rows.RemoveAt(cut.IsNewer ? 0 : PageSize);
        }
        Rows = rows;
        var newer = cut.IsNewer ? hasMore : before is not null;
        var older = !cut.IsNewer ? hasMore : rows.Count > 0;
        Foot = new ListFoot(
            newer && rows.Count > 0 ? Address(("after", Word(rows[0])), ("before", null)) : null,
            older ? Address(("before", Word(rows[^1])), ("after", null)) : null);
        return Page();

        string Word(TRow row) => TieOf(row) is { Length: > 0 } tie ? $"{keyOf(row)}~{tie}" : keyOf(row).ToString(CultureInfo.InvariantCulture);
    }

    /// <param name="act">Which of the page's buttons it was.</param>
    /// <param name="ids">What was ticked.</param>
    /// <param name="confirm">Anything: the question was answered.</param>
    /// <param name="back">The administrators' page it was pressed on.</param>
    /// <param name="choice">What was chosen with the answer.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync([FromForm] string? act, [FromForm] string[]? ids, [FromForm] string? confirm, [FromForm] string? back, [FromForm] string? choice, CancellationToken ct)
    {
        // An address of ours only: what is answered leads there.
        back = back is not null && back.StartsWith("/admin/", StringComparison.Ordinal) ? back : Path;
        if (await MakeAsync(act ?? "", back, ct) is { } made)
        {
            return made;
        }
        if (Acts.FirstOrDefault(known => known.Name == act) is not { } what)
        {
            return BadRequest();
        }
        var things = await FindAsync([.. (ids ?? []).OfType<string>().Distinct().Take(MaxChosen)], ct);
        if (things.Count == 0)
        {
            Failed = Texts["Nothing"];
            return new SeeOtherResult(back);
        }
        Choice = choice;
        if (confirm is null || (what.Choice is { } needed && !needed.Choices.Any(each => each.Value == choice)))
        {
            Asked = Ask(what, things, back);
            return Page();
        }
        await RunAsync(what, things, ct);
        return new SeeOtherResult(back);
    }

    /// <summary>Does what is done to nothing that is ticked; null where <paramref name="act"/> is no such thing.</summary>
    protected virtual Task<IActionResult?> MakeAsync(string act, string back, CancellationToken ct) => Task.FromResult<IActionResult?>(null);

    /// <summary>What was chosen with the answer; known to be one of the act's choices when it runs.</summary>
    protected string? Choice { get; private set; }

    private ConfirmView Ask(AdminAct act, IReadOnlyList<AdminThing> things, string back) =>
        new(act.Name, Texts[$"{Prefix}.{act.Name}.Ask", things.Count], Texts[$"{Prefix}.{act.Name}.Text"], Texts[$"{Prefix}.{act.Name}"], things, back) { IsDanger = act.IsDanger, Choice = act.Choice };

    private async Task RunAsync(AdminAct act, IReadOnlyList<AdminThing> things, CancellationToken ct)
    {
        var refusals = HttpContext.RequestServices.GetRequiredService<IStringLocalizer<RefusalText>>();
        var done = 0;
        List<string> failed = [];
        foreach (var thing in things)
        {
            try
            {
                done += await act.RunAsync(thing, ct) ? 1 : 0;
            }
            catch (RefusedException e)
            {
                failed.Add(Texts["Refused", $"\u2068{thing.Name}\u2069", refusals[e.Refusal.Name, [.. e.Arguments]].Value]);
            }
        }
        Done = done > 0 ? Texts[$"{Prefix}.{act.Name}.Done", done].Value : failed.Count > 0 ? null : Texts["NothingToDo"].Value;
        // A cookie carries it to the next page.
        Failed = failed.Count == 0 ? null : string.Join(' ', failed.Take(5));
    }

    /// <summary>Of the keys of the page's texts.</summary>
    protected abstract string Prefix { get; }

    /// <summary>This list's address with some parts in another way; null takes a part away.</summary>
    protected string Address(params (string Name, string? Value)[] changes)
    {
        var parts = Request.Query.Where(part => part.Key != "format").ToDictionary(part => part.Key, part => (string?)part.Value.ToString(), StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            parts[name] = value;
        }
        return QueryHelpers.AddQueryString(Path, parts.Where(part => !string.IsNullOrEmpty(part.Value)));
    }

    /// <summary>The beginning of a day in the reader's zone; null for none that can be read.</summary>
    protected DateTimeOffset? Day(string name)
    {
        if (!DateOnly.TryParseExact(Asks(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year is < 1971 or > 9000)
        {
            return null;
        }
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, HttpContext.GetTimeZone().GetUtcOffset(midnight));
    }

    private ListCut? Cut(string name, bool isNewer) => Asks(name).Split('~', 2) is [var key, .. var tie] && Number(key) is { } number
        ? new ListCut(number, isNewer, PageSize + 1) { Tie = tie is [var text] ? text : "" }
        : null;

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
