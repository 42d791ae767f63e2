namespace Teahouse;

/// <summary>Has a service made when the program starts instead of when it is first asked for: one that has to hear of what other nodes do from then on.</summary>
internal sealed class MadeAtStart<T>(T service) : IHostedService
    where T : class
{
    public T Service => service;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
