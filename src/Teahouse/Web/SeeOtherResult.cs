using System.Text;
using Microsoft.AspNetCore.Mvc;

namespace Teahouse.Web;

/// <summary>303: what follows is a GET, whatever this was. For local addresses only.</summary>
public sealed class SeeOtherResult(string address) : ActionResult
{
    public override void ExecuteResult(ActionContext context)
    {
        context.HttpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.HttpContext.Response.Headers.Location = Escape(address);
    }

    /// <summary>An address as a header can carry it: whatever is no visible ASCII is percent-encoded (RFC 3987, 3.1), the rest is left as it is.</summary>
    internal static string Escape(string address)
    {
        var escaped = new StringBuilder(address.Length);
        foreach (var rune in address.EnumerateRunes())
        {
            _ = rune.Value is > 0x20 and < 0x7F ? escaped.Append((char)rune.Value) : escaped.Append(Uri.EscapeDataString(rune.ToString()));
        }
        return escaped.ToString();
    }
}
