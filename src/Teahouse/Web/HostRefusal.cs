using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Localization;

namespace Teahouse.Web;

/// <summary><c>ALLOWED_HOSTS</c>: any other Host header gets 400. The framework decides; this says why, to whoever has just made the server reachable by a new name.</summary>
internal sealed class HostRefusal(Settings settings, IStringLocalizer<ErrorText> texts) : IStartupFilter
{
    /// <summary>Goes around everything, the framework's filter too, and gives every answer its headers.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseSecurityHeaders();
        app.UseStatusCodePages(ExplainAsync);
        next(app);
    };

    private Task ExplainAsync(StatusCodeContext bare)
    {
        var context = bare.HttpContext;
        if (context.Response.StatusCode != StatusCodes.Status400BadRequest)
        {
            return Task.CompletedTask;
        }
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(AcceptLanguage.Match(context.Request) ?? settings.Language);
        if (Problems.IsForPrograms(context))
        {
            return Problems.WriteAsync(context, new Problem(context.Response.StatusCode, "bad_request", texts["WrongHost", "ALLOWED_HOSTS"]));
        }
        context.Response.ContentType = "text/plain; charset=utf-8";
        // The name it was called by is not repeated: it is the caller's to choose.
        return context.Response.WriteAsync(texts["WrongHost", "ALLOWED_HOSTS"], context.RequestAborted);
    }
}

/// <summary>Puts <see cref="HostRefusal"/> in its place.</summary>
internal static class HostRefusalSetup
{
    public static void AddHostRefusal(this IServiceCollection services, Settings settings)
    {
        services.Configure<HostFilteringOptions>(options =>
        {
            options.AllowedHosts = [.. settings.AllowedHosts];
            // An empty one is none of the list either.
            options.AllowEmptyHosts = false;
            options.IncludeFailureMessage = false;
        });
        // First, so that the framework's own filter stands inside.
        services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, HostRefusal>());
    }
}
