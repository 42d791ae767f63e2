using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Jobs;
using Teahouse.Realtime;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/state/</c>: how this server is. On many nodes it is that of the one that answers; what they share is the same everywhere.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class StatePage(IServiceProvider services, Settings settings, Db db) : PageModel
{
    private const string Schema = "SELECT name FROM schema_migrations ORDER BY name DESC LIMIT 1";

    public static string Version => typeof(StatePage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public TimeSpan Uptime { get; private set; }

    public string Machine => Environment.MachineName;

    public string DatabaseKind => db.Description;

    public long DatabaseSize { get; private set; }

    public string SchemaName { get; private set; } = "";

    /// <summary>Writes that wait for their commit.</summary>
    public int Queue => db.Waiting;

    public long Memory => Environment.WorkingSet;

    /// <summary>Of the disk that holds the data directory; null when that cannot be known.</summary>
    public (long Free, long Total)? Disk { get; private set; }

    public IReadOnlyList<(string Protocol, int Count)> Connections { get; private set; } = [];

    public IBackplane Backplane => services.GetRequiredService<IBackplane>();

    public IReadOnlyList<SinkView> Sinks { get; private set; } = [];

    public IReadOnlyList<JobView> Jobs { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct)
    {
        using var process = Process.GetCurrentProcess();
        Uptime = services.GetRequiredService<TimeProvider>().GetUtcNow() - process.StartTime.ToUniversalTime();
        DatabaseSize = await db.GetSizeAsync(ct);
        SchemaName = await db.GetAsync<string>(Schema, null, ct);
        Connections = services.GetRequiredService<ConnectionRegistry>().CountByProtocol();
        Sinks = await services.GetRequiredService<SinkQueries>().ListAsync(ct);
        Jobs = await services.GetRequiredService<JobQueries>().ListAsync(ct);
        Disk = FindDisk(settings.DataDirectory);
    }

    private static (long Free, long Total)? FindDisk(string directory)
    {
        try
        {
            var drive = new DriveInfo(System.IO.Path.GetFullPath(directory));
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
