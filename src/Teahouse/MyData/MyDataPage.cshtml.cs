using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.MyData;

/// <summary><c>/settings/data/</c>: asks for a file of everything that is kept about oneself, and fetches it.</summary>
[Authorize]
public sealed class MyDataPage(IServiceProvider services) : PageModel
{
    /// <summary>Null when none was asked for.</summary>
    public DataExport? Export { get; private set; }

    public async Task OnGetAsync(CancellationToken ct) => Export = await services.GetRequiredService<DataExportStore>().FindAsync(HttpContext.GetUserId(), ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await services.GetRequiredService<DataExportStore>().RequestAsync(HttpContext.GetCaller(), HttpContext.GetUserId(), ct);
        return new SeeOtherResult("/settings/data/");
    }
}
