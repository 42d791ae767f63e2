using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>How much of everything.</summary>
internal sealed record ScenarioOptions
{
    public double Seconds { get; init; } = 5;
    public double WarmUp { get; init; } = 10;

    /// <summary>How often each pace is measured in a run.</summary>
    public int Turns { get; init; } = 3;

    /// <summary>Of the large room.</summary>
    public int Members { get; init; } = 1000;

    /// <summary>Idle sockets.</summary>
    public int Connections { get; init; } = 18_000;

    /// <summary>Of the storm.</summary>
    public int Clients { get; init; } = 5000;

    /// <summary>Of the larger database.</summary>
    public int Messages { get; init; } = 200_000;

    /// <summary>What <c>ingest</c> stores in.</summary>
    public string Database { get; init; } = Sqlite;

    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";
}

/// <summary>One run of one scenario with one server.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Server">Whom.</param>
/// <param name="Run">From 1.</param>
/// <param name="Options">How much.</param>
/// <param name="Setup">Where.</param>
/// <param name="Add">Keeps what was measured.</param>
/// <param name="Fail">Keeps that the server failed.</param>
internal sealed record ScenarioContext(string Scenario, Server Server, int Run, ScenarioOptions Options, Setup Setup, Action<Measurement> Add, Action<IOException> Fail)
{
    public Task<RunningServer> StartAsync(string? data = null) => RunningServer.StartAsync(Server, Setup, data);

    public void Report(string name, IReadOnlyList<Figure> figures, string? note = null) =>
        Add(new Measurement(Scenario, name, Server.Name, Run) { Figures = figures, Note = note });

    /// <summary>One server that fails must not take the others' figures with it.</summary>
    public async Task AttemptAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (IOException e)
        {
            Fail(e);
        }
    }
}
