using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Admin;

/// <summary>Notes what administrators look at or take along rather than change.</summary>
internal static class AuditLogOf
{
    private const int MaxDetail = 300;

    /// <param name="context">Who, and from where.</param>
    /// <param name="action">The verb.</param>
    /// <param name="target">At what.</param>
    /// <param name="detail">How it was filtered.</param>
    /// <param name="ct">Ends the wait.</param>
    public static Task NoteAsync(HttpContext context, string action, string target, string detail, CancellationToken ct)
    {
        var services = context.RequestServices;
        return services.GetRequiredService<Db>().WriteAsync(session =>
            AuditLog.AddAsync(session, services.GetRequiredService<TimeProvider>().GetUtcNow(), context.GetCaller(), action, target, detail.Length <= MaxDetail ? detail : detail[..MaxDetail]), ct);
    }
}
