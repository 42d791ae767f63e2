
namespace Teahouse.Tests.Messages;

/// <summary>Promise 1: acknowledged means durable. Provoked with SIGKILL.</summary>
[Trait("Speed", "Slow")]
public sealed class DurabilityTests
{
    [Fact]
    public async Task After_each_kill_every_acknowledged_message_is_there_once_and_in_order()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        var rounds = new KillRounds(directory);
        foreach (var acks in (int[])[40, 300, 1500])
        {
            await rounds.RunAsync(acks);
        }
        await rounds.CheckAllAsync();
        Directory.Delete(directory, recursive: true);
    }
}
