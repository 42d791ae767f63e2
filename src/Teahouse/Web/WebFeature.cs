using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.WebEncoders;

namespace Teahouse.Web;

/// <summary>What every page shares: addresses, languages, antiforgery, static files, Razor.</summary>
internal static class WebFeature
{
    public static IServiceCollection AddWeb(this WebApplicationBuilder builder, Settings settings)
    {
        var services = builder.Services;
        builder.WebHost.UseUrls([.. settings.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.BodyBytes == 0 ? null : settings.BodyBytes;
        });
        // The build's assets are found beside the sources too, not only in a published folder.
        builder.WebHost.UseStaticWebAssets();
        if (!builder.Environment.IsDevelopment())
        {
            // Otherwise an unpublished build reads every asset anew and sends it without real compression.
            builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
        }
        // Han in pages as itself, not as numbers: a third of the bytes, and readable sources.
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddSingleton(TimeProvider.System);
        services.AddLocalization();
        services.AddRazorPages(options => options.RootDirectory = "/").AddViewLocalization().AddDataAnnotationsLocalization();
        services.AddAntiforgery(options =>
        {
            options.HeaderName = "X-CSRFToken";
            options.FormFieldName = "csrfmiddlewaretoken";
            options.Cookie.Name = "teahouse_csrf";
            options.Cookie.SameSite = SameSiteMode.Lax;
        });
        services.Configure<RouteOptions>(options => options.AppendTrailingSlash = true);
        services.AddRequestLocalization(options =>
        {
            var cultures = Languages.Supported.Select(CultureInfo.GetCultureInfo).ToList();
            options.SupportedCultures = cultures;
            options.SupportedUICultures = cultures;
            options.DefaultRequestCulture = new RequestCulture(settings.Language);
            options.RequestCultureProviders = [new AcceptLanguage()];
        });
        return services;
    }

    public static void UseWeb(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.MapStaticAssets();
        app.MapRazorPages().WithStaticAssets();
    }
}
