using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Teahouse.Realtime;

/// <summary>Says "Silent" when Redis cannot be heard, and "NodeSilent" when it can but not every node that was lately. The node serves all the same, a moment later: if it left for that, all would, and the site with them.</summary>
internal sealed class RedisCheck(IBackplane backplane) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(backplane.IsHeard ? HealthCheckResult.Healthy() : HealthCheckResult.Healthy(backplane.Nodes.Contains(backplane.Node) ? "NodeSilent" : "Silent"));
}
