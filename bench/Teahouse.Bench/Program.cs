using System.CommandLine;
using System.Globalization;
using Teahouse.Bench.Scenarios;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench;

/// <summary>Measures Teahouse and its peers; started by <c>bench/run</c>, which builds what is needed.</summary>
internal static class Program
{
    private static readonly (string Name, bool OnlyTeahouse, Func<IReadOnlyList<ScenarioContext>, Task> RunAsync)[] Scenarios =
    [
        ("fanout", false, TrafficScenarios.FanoutAsync),
        ("rooms", false, TrafficScenarios.RoomsAsync),
        ("ingest", true, OneByOne(TrafficScenarios.IngestAsync)),
        ("idle", false, OneByOne(Idle.RunAsync)),
        ("storm", true, OneByOne(Storm.RunAsync)),
        ("history", true, OneByOne(History.RunAsync)),
        ("nodes", true, OneByOne(Nodes.RunAsync)),
    ];

    public static async Task<int> Main(string[] arguments)
    {
        var defaults = new ScenarioOptions();
        var scenarios = new Argument<string[]>("scenarios") { Description = "Which to run; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        scenarios.AcceptOnlyFromAmong([.. Scenarios.Select(scenario => scenario.Name)]);
        var peers = new Option<string>("--peers") { Description = "Whom to measure beside Teahouse, separated by commas: " + string.Join(", ", ServerList.All.Skip(1).Select(server => server.Name)) };
        var only = new Option<string?>("--only") { Description = "Measures this server alone. Two of these at once share the server's core, and whatever slows it slows both." };
        only.AcceptOnlyFromAmong([.. ServerList.All.Select(server => server.Name)]);
        var runs = new Option<int>("--runs") { Description = "How often; tables show medians.", DefaultValueFactory = _ => 1 };
        var seconds = Number("--seconds", "Length of a measurement.", defaults.Seconds);
        var warmUp = Number("--warm-up", "Seconds of talk that are not measured, for each server.", defaults.WarmUp);
        var turns = Number("--turns", "How often each pace of fanout, rooms and nodes is measured in a run; the servers take turns.", defaults.Turns);
        var members = Number("--members", "Members of the large room.", defaults.Members);
        var connections = Number("--connections", "Idle sockets.", defaults.Connections);
        var clients = Number("--clients", "Clients of the storm.", defaults.Clients);
        var database = new Option<string>("--database") { Description = "What ingest stores in.", DefaultValueFactory = _ => ScenarioOptions.Sqlite };
        database.AcceptOnlyFromAmong(ScenarioOptions.Sqlite, ScenarioOptions.Postgres);
        var messages = Number("--messages", "Messages in the larger database.", defaults.Messages);
        var root = new Option<string>("--root") { Hidden = true, Required = true };
        var uws = new Option<string?>("--uws-binary") { Hidden = true };
        var core = new Option<int?>("--server-core") { Hidden = true };
        var command = new RootCommand("Measures Teahouse, alone or beside its peers.")
        {
            scenarios, peers, only, runs, seconds, warmUp, turns, members, connections, clients, messages, database, root, uws, core,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var options = new ScenarioOptions
            {
                Seconds = parsed.GetValue(seconds),
                WarmUp = parsed.GetValue(warmUp),
                Turns = parsed.GetValue(turns),
                Members = parsed.GetValue(members),
                Connections = parsed.GetValue(connections),
                Clients = parsed.GetValue(clients),
                Messages = parsed.GetValue(messages),
                Database = parsed.GetRequiredValue(database),
            };
            var rootPath = parsed.GetRequiredValue(root);
            var output = Path.Combine(rootPath, "artifacts", "bench");
            Directory.CreateDirectory(output);
            var setup = new Setup(rootPath, output, parsed.GetValue(uws), parsed.GetValue(core));
            return await RunAsync(setup, options, parsed.GetValue(scenarios) ?? [], parsed.GetValue(peers) ?? "", parsed.GetValue(only), parsed.GetValue(runs), ct);
        });
        var time = new Argument<double>("seconds");
        var raw = new System.CommandLine.Command(RawInserts.Verb) { Hidden = true };
        raw.Arguments.Add(time);
        var url = new Argument<string?>("url") { Arity = ArgumentArity.ZeroOrOne };
        raw.Arguments.Add(url);
        raw.SetAction(parsed => Console.Out.WriteLine(
            (parsed.GetValue(url) is { } postgres ? RawPostgresInserts.Measure(postgres, parsed.GetValue(time)) : RawInserts.Measure(parsed.GetValue(time))).ToString(CultureInfo.InvariantCulture)));
        command.Subcommands.Add(raw);
        return await command.Parse(arguments).InvokeAsync();
    }

    private static async Task<int> RunAsync(Setup setup, ScenarioOptions options, string[] names, string peers, string? only, int runs, CancellationToken ct)
    {
        if (FindServers(setup, peers, only) is not { } servers)
        {
            return 2;
        }
        var report = new Report(Path.Combine(setup.Output, DateTimeOffset.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + (only is null ? "" : $"-{only}") + ".jsonl"));
        var failures = 0;
        foreach (var scenario in Scenarios.Where(scenario => names.Length == 0 || names.Contains(scenario.Name)))
        {
            // All servers before the next run: a machine whose speed drifts treats them alike.
            for (var run = 1; run <= runs; run++)
            {
                ct.ThrowIfCancellationRequested();
                Console.Error.WriteLine($"{scenario.Name}, run {run} of {runs}");
                await scenario.RunAsync([.. servers.Where(server => server.IsTeahouse || !scenario.OnlyTeahouse)
                    .Select(server => new ScenarioContext(scenario.Name, server, run, options, setup, report.Add, e =>
                    {
                        failures++;
                        Console.Error.WriteLine($"  FAILED: {server.Name}: {e.Message}");
                    }))]);
            }
        }
        report.Print(Console.Out);
        Console.Error.WriteLine($"\nEvery figure of every run: {report.File}");
        return failures == 0 ? 0 : 1;
    }

    private static List<Server>? FindServers(Setup setup, string peers, string? only)
    {
        var names = peers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Except(ServerList.All.Select(server => server.Name)).FirstOrDefault() is { } unknown)
        {
            Console.Error.WriteLine($"There is no peer \"{unknown}\"; there are: {string.Join(", ", ServerList.All.Select(server => server.Name))}");
            return null;
        }
        List<Server> servers = [];
        foreach (var server in ServerList.All.Where(server => only is null ? server.Name == ServerList.Teahouse || names.Contains(server.Name) : server.Name == only))
        {
            if (server.Missing(setup) is { } missing)
            {
                Console.Error.WriteLine($"Skipped: {server.Name} {missing}.");
            }
            else
            {
                servers.Add(server);
            }
        }
        return servers;
    }

    private static Func<IReadOnlyList<ScenarioContext>, Task> OneByOne(Func<ScenarioContext, Task> runAsync) => async contexts =>
    {
        foreach (var context in contexts)
        {
            await context.AttemptAsync(() => runAsync(context));
        }
    };

    private static Option<T> Number<T>(string name, string description, T value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
