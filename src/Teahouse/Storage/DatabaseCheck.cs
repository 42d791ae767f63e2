using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Teahouse.Storage;

/// <summary>Ready means that the database answers.</summary>
internal sealed class DatabaseCheck(Db db) : IHealthCheck
{
    private const string Probe = "SELECT 1";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await db.GetAsync<long>(Probe, null, cancellationToken) == 1 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
        }
        catch (RefusedException)
        {
            // Said in the log already.
            return HealthCheckResult.Unhealthy();
        }
    }
}
