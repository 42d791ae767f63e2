using System.Diagnostics;
using Teahouse.Bench.Load;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>Thousands of sockets that only listen, in rooms of 100: what one costs in memory.</summary>
internal static class Idle
{
    private const int RoomSize = 100;
    private const double ConnectionsPerSecond = 1500;

    public static async Task RunAsync(ScenarioContext context)
    {
        // Teahouse's own clients speak teahouse.v1, which costs it more than plain sockets would.
        var wire = context.Server.IsTeahouse
            ? context.Server.Wire with { Subprotocol = "teahouse.v1", ReadyWhen = "\"type\":\"subscribed\"" }
            : context.Server.Wire;
        await using var server = await context.StartAsync();
        // What a process does once (compiling, pools) is not a connection's.
        using (var first = new Swarm(wire, server.Ports))
        {
            first.Connect(rooms: 4, RoomSize, ConnectionsPerSecond);
            first.PollFor(TimeSpan.FromSeconds(2));
        }
        var before = await SettleAsync(server, null);
        using var swarm = new Swarm(wire, server.Ports);
        var cpu = server.CpuMicroseconds;
        swarm.Connect(context.Options.Connections / RoomSize, RoomSize, ConnectionsPerSecond);
        cpu = server.CpuMicroseconds - cpu;
        var opened = server.ResidentKilobytes;
        var after = await SettleAsync(server, swarm);
        var idleCpu = server.CpuMicroseconds;
        var clock = Stopwatch.StartNew();
        swarm.PollFor(TimeSpan.FromSeconds(context.Options.Seconds));
        idleCpu = (server.CpuMicroseconds - idleCpu) / clock.Elapsed.TotalMicroseconds;
        context.Report($"{swarm.Ready} sockets",
        [
            new("KB/socket", (after - before) / swarm.Ready, 2),
            new("RSS before MB", before / 1024),
            new("RSS just opened MB", opened / 1024),
            new("RSS MB", after / 1024),
            new("CPU µs/connect", cpu / swarm.Ready),
            new("idle core %", idleCpu * 100, 1),
        ], swarm.Faults > 0 ? $"{swarm.Faults} faults: {swarm.FirstFault}" : null);
    }

    /// <summary>Waits until the memory has kept within one per cent for three seconds, at most half a minute, and returns it.</summary>
    private static async Task<double> SettleAsync(RunningServer server, Swarm? swarm)
    {
        var last = server.ResidentKilobytes;
        var quiet = 0;
        for (var second = 0; second < 30 && quiet < 3; second++)
        {
            if (swarm is null)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
            else
            {
                swarm.PollFor(TimeSpan.FromSeconds(1));
            }
            var now = server.ResidentKilobytes;
            (quiet, last) = Math.Abs(now - last) <= last / 100 ? (quiet + 1, last) : (0, now);
        }
        return last;
    }
}
