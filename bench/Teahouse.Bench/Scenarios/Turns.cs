using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>Traffic with servers that take turns: all of them run from the beginning, and each pace is measured with one after the other, several times. A machine that is a third slower from one minute
/// to the next slows both sides of a ratio alike then. Whose turn it is not costs the core next to nothing.</summary>
internal sealed class Turns : IAsyncDisposable
{
    private readonly List<Player> _players = [];

    /// <param name="contexts">The servers. One that fails is left out from then on.</param>
    /// <param name="meet">Its rooms and who talks in them.</param>
    /// <param name="warmUp">The talk before anything is measured.</param>
    /// <param name="pacesOf">What is measured, by name; a server may be asked for less than the others.</param>
    /// <param name="watch">Begins to watch what else works for a server; what it returns is called when the turn is over, and its figures are reported with the others.</param>
    public static async Task TakeAsync(
        IReadOnlyList<ScenarioContext> contexts,
        Func<ScenarioContext, RunningServer, Traffic> meet,
        Action<ScenarioContext, Traffic> warmUp,
        Func<ScenarioContext, IReadOnlyList<(string Name, Pace Pace)>> pacesOf,
        Func<ScenarioContext, Task<Func<Task<IReadOnlyList<Figure>>>>>? watch = null)
    {
        await using var turns = new Turns();
        foreach (var context in contexts)
        {
            await context.AttemptAsync(async () =>
            {
                var player = new Player(context, await context.StartAsync(), pacesOf(context));
                turns._players.Add(player);
                await turns.GiveAsync(player, () =>
                {
                    player.Traffic = meet(context, player.Server);
                    player.Traffic.Meanwhile = () => turns.ListenExcept(player);
                    player.Traffic.Connect(Traffic.ConnectionsPerSecond);
                    warmUp(context, player.Traffic);
                    return Task.CompletedTask;
                });
            });
        }
        for (var pace = 0; turns._players.Any(player => pace < player.Paces.Count); pace++)
        {
            for (var turn = 0; turn < contexts[0].Options.Turns; turn++)
            {
                foreach (var player in turns._players.Where(player => pace < player.Paces.Count).ToList())
                {
                    await player.Context.AttemptAsync(() => turns.GiveAsync(player, () => player.MeasureAsync(pace, watch)));
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var player in _players)
        {
            await player.DisposeAsync();
        }
    }

    private async Task GiveAsync(Player player, Func<Task> turn)
    {
        try
        {
            await turn();
        }
        catch
        {
            _players.Remove(player);
            await player.DisposeAsync();
            throw;
        }
    }

    /// <summary>Pings of those whose turn it is not want their pongs too.</summary>
    private void ListenExcept(Player talking)
    {
        foreach (var player in _players.Where(player => player != talking))
        {
            player.Traffic?.Listen();
        }
    }

    private sealed record Player(ScenarioContext Context, RunningServer Server, IReadOnlyList<(string Name, Pace Pace)> Paces) : IAsyncDisposable
    {
        public Traffic? Traffic { get; set; }

        public async Task MeasureAsync(int pace, Func<ScenarioContext, Task<Func<Task<IReadOnlyList<Figure>>>>>? watch)
        {
            var (name, asked) = Paces[pace];
            string? note = null;
            var watched = watch is null ? null : await watch(Context);
            if (Traffic?.Measure(asked, Context.Options.Seconds, lead: 2, out note) is { } figures)
            {
                Context.Report(name, [.. figures, .. watched is null ? [] : await watched()], note);
            }
        }

        public async ValueTask DisposeAsync()
        {
            Traffic?.Dispose();
            await Server.DisposeAsync();
        }
    }
}
