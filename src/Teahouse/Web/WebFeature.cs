using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.WebEncoders;

namespace Teahouse.Web;

/// <summary>What every page shares: addresses, languages, antiforgery, static files, Razor.</summary>
internal static class WebFeature
{
    /// <summary>The CORS policy of the API: the origins of <c>ALLOWED_ORIGINS</c>.</summary>
    public const string OtherOrigins = "other-origins";

    public static IServiceCollection AddWeb(this WebApplicationBuilder builder, Settings settings)
    {
        var services = builder.Services;
        builder.WebHost.UseUrls([.. settings.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A request that is never finished, and a connection without any, must not hold a place for ever.
            kestrel.Limits.RequestHeadersTimeout = settings.RequestHeaders;
            kestrel.Limits.KeepAliveTimeout = settings.RequestIdle;
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
        // The address is told anyway; where the program's files are is nobody's concern.
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        services.AddLocalization();
        services.AddRazorPages(options => options.RootDirectory = "/").AddViewLocalization().AddDataAnnotationsLocalization();
        services.AddAntiforgery(options =>
        {
            options.HeaderName = "X-CSRFToken";
            options.FormFieldName = "csrfmiddlewaretoken";
            options.Cookie.Name = "teahouse_csrf";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // The policy has frame-ancestors, and every answer X-Frame-Options already.
            options.SuppressXFrameOptionsHeader = true;
        });
        services.Configure<CookieTempDataProviderOptions>(options => options.Cookie.Name = "teahouse_notice");
        services.Configure<MvcOptions>(options =>
        {
            // What the address names is what is meant: a form's field of the same name must not lead elsewhere.
            var route = options.ValueProviderFactories.OfType<RouteValueProviderFactory>().Single();
            options.ValueProviderFactories.Remove(route);
            options.ValueProviderFactories.Insert(0, route);
            options.Filters.Add<ForbidForgedForms>();
            options.Filters.Add<WholePages>();
            options.Filters.Add<RefuseOtherMethods>();
        });
        services.AddApiRules();
        services.AddSingleton<Problems>();
        services.AddExceptionHandler<Problems>();
        services.AddSingleton<RequestLimits>();
        services.AddCors(cors => cors.AddPolicy(OtherOrigins, policy => policy.WithOrigins([.. settings.AllowedOrigins]).AllowCredentials().AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(TimeSpan.FromMinutes(10))
            .WithExposedHeaders("ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy")));
        // Asked for by a setting, so for every name it is reached by; a year is what browsers' own lists ask for.
        services.AddHsts(options =>
        {
            options.MaxAge = TimeSpan.FromDays(365);
            options.IncludeSubDomains = true;
            options.ExcludedHosts.Clear();
        });
        services.AddHostRefusal(settings);
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.AllowedHosts = [.. settings.AllowedHosts];
            // As far back as the proxies are trusted: the first address from behind that is none of them is the client's.
            options.ForwardLimit = null;
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
            foreach (var proxy in settings.TrustedProxies)
            {
                options.KnownIPNetworks.Add(proxy);
            }
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

    /// <summary>Before anything knows who calls: addresses, headers, what happens when something fails.</summary>
    public static void UseWeb(this WebApplication app, Settings settings)
    {
        app.UseForwardedHeaders();
        if (settings.Hsts)
        {
            app.UseHsts();
        }
        app.UseExceptionHandler("/error/");
        app.UseWhen(context => !Problems.IsForPrograms(context), people => people.UseStatusCodePagesWithReExecute("/error/"));
        app.UseWhen(Problems.IsForPrograms, programs => programs.UseStatusCodePages(Problems.AnswerBareStatusAsync));
        app.Use(static (context, next) =>
        {
            if (HttpMethods.IsHead(context.Request.Method) && ProgramPaths.TakeHead(context.Request.Path))
            {
                // As GET; the web server itself leaves out the body of what came as HEAD.
                context.Request.Method = HttpMethods.Get;
            }
            return next(context);
        });
        // Behind the error pages, so that they are routed to when a request is executed again.
        app.UseRouting();
    }

    /// <summary>Once the caller is known: language and pace.</summary>
    public static void UsePages(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.UseCors();
        var limits = app.Services.GetRequiredService<RequestLimits>();
        app.Use(limits.PassAsync);
        app.UseFormBodies();
        app.MapStaticAssets();
        app.MapRazorPages().WithStaticAssets();
    }
}
