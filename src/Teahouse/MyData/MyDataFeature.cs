using Teahouse.Accounts;
using Teahouse.Jobs;

namespace Teahouse.MyData;

/// <summary>What a user may take along: everything that is kept about them, as one file.</summary>
internal static class MyDataFeature
{
    /// <summary>What the site needs.</summary>
    public static IServiceCollection AddMyData(this IServiceCollection services) => services.AddSingleton<DataExportStore>();

    /// <summary>What makes the files, beside <see cref="AddMyData"/>.</summary>
    public static IServiceCollection AddMyDataWork(this IServiceCollection services)
    {
        services.AddSingleton<MyDataQueries>();
        services.AddSingleton<WriteMyData>();
        services.AddScheduledWork<DropOldExports>();
        return services.AddHostedService<DataExportLoop>();
    }

    public static void MapMyData(this WebApplication app) =>
        app.MapGet("/settings/data/download/", DownloadAsync).RequireAuthorization().ExcludeFromDescription();

    /// <summary>The caller's own file; nobody else has an address for it.</summary>
    private static async Task DownloadAsync(HttpContext context, DataExportStore store, Sessions sessions, CancellationToken ct)
    {
        if (await store.FindAsync(context.GetUserId(), ct) is not { ReadyAt: not null } export)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"teahouse-data.json\"";
        context.Response.Headers.CacheControl = "no-store";
        var part = 0L;
        for (; await store.FindPartAsync(export.Id, part, ct) is { } content; part++)
        {
            await context.Response.WriteAsync(content, ct);
            if (!await sessions.IsLiveAsync(context.GetCaller(), ct))
            {
                // Signed out meanwhile: cut off, so that it cannot be taken for whole.
                context.Abort();
                return;
            }
        }
        if (part == 0)
        {
            context.Abort();
        }
    }
}
