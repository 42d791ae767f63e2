using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Admin;

/// <summary>Notes what administrators take along rather than change.</summary>
internal static class AuditLogOf
{
    private const int MaxDetail = 300;

    /// <summary>Somebody takes a whole list away as a file.</summary>
    public static Task NoteExportAsync(HttpContext context, string list, string query, CancellationToken ct)
    {
        var services = context.RequestServices;
        return services.GetRequiredService<Db>().WriteAsync(session =>
            AuditLog.AddAsync(session, services.GetRequiredService<TimeProvider>().GetUtcNow(), context.GetCaller(), "list_exported", list, query.Length <= MaxDetail ? query : query[..MaxDetail]), ct);
    }
}
