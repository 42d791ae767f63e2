using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.StaticAssets;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Who a request is from.</summary>
public static class CallerExtensions
{
    /// <summary>The signed-in user, the guest of the signed cookie, or <see cref="Caller.Anonymous"/>; never null. Costs nothing: it was
    /// found at the beginning of the request.</summary>
    public static Caller GetCaller(this HttpContext context) => context.Features.Get<Caller>() ?? Caller.Anonymous;

    /// <summary>The zone the reader chose, else that of <c>TIME_ZONE</c>.</summary>
    public static TimeZoneInfo GetTimeZone(this HttpContext context) =>
        context.GetCaller().TimeZone ?? context.RequestServices.GetRequiredService<Settings>().TimeZone;

    /// <summary>Nobody is looked up for styles and scripts, which are the same for all, nor for the page that says what has failed: who asks is known by then, or cannot be found out.</summary>
    internal static bool NeedsNobody(this HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>() is not null || context.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;

    /// <summary>Sets the caller for the rest of the request.</summary>
    internal static void SetCaller(this HttpContext context, Caller caller) => context.Features.Set(caller with { Address = AddressOf(context) });

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };
}
