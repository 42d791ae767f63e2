using Microsoft.AspNetCore.Mvc;

namespace Teahouse.Web;

/// <summary>303: what follows is a GET, whatever this was. For local addresses only.</summary>
public sealed class SeeOtherResult(string address) : ActionResult
{
    public override void ExecuteResult(ActionContext context)
    {
        context.HttpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.HttpContext.Response.Headers.Location = address;
    }
}
