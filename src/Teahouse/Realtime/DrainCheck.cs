using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Teahouse.Realtime;

/// <summary>Not ready any more once the program has begun to stop: degraded, for nothing is wrong that a person should look after.</summary>
internal sealed class DrainCheck(ConnectionRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        registry.NoteAsked();
        return Task.FromResult(registry.IsDraining ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy());
    }
}
