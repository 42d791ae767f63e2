using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Teahouse.Web.OpenApi;

/// <summary><c>/docs/</c>: the API's reference, rendered from its document in the reader's language.</summary>
public sealed class DocsPage : PageModel
{
    public void OnGet()
    {
    }
}
