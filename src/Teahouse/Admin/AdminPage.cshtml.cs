using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Sinks;

namespace Teahouse.Admin;

/// <summary><c>/admin/</c>: where administrators find everything, and what wants them.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class AdminPage(SinkQueries sinks) : PageModel
{
    public int Running { get; private set; }

    public int Waiting { get; private set; }

    public int Paused { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        var states = (await sinks.ListAsync(ct)).CountBy(view => view.Sink.State).ToDictionary();
        Running = states.GetValueOrDefault(SinkRow.Running);
        Waiting = states.GetValueOrDefault(SinkRow.Waiting);
        Paused = states.GetValueOrDefault(SinkRow.Paused);
    }
}
