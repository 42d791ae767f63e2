using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Teahouse.Tests.Sinks;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Metrics;

/// <summary>The dashboard and the alerts ask for nothing that the program does not tell.</summary>
public sealed partial class DashboardTests
{
    private static readonly HashSet<string> Prometheus = ["up"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_is_told()
    {
        await using var site = await SheetServer.StartAsync();
        await site.HasAsync(await site.SayAsync("one"));
        await using (var socket = await SocketClient.ConnectAsync(site.Server, "/ws/chat/plaza/", "teahouse.v1"))
        {
            await socket.ReceiveAsync(frame => (string?)frame["type"] == "subscribed");
        }
        using var collector = site.Server.CreateClient();
        Dictionary<string, HashSet<string>> told = [];
        await Eventually.TrueAsync(async () =>
        {
            told = Read(await collector.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct));
            return told.ContainsKey("teahouse_sockets_closed_total");
        });

        var asked = Expressions().ToList();

        Assert.True(asked.Count > 30);
        foreach (var expression in asked)
        {
            foreach (Match series in Series().Matches(expression))
            {
                var name = series.Groups[1].Value;
                Assert.True(Prometheus.Contains(name) || told.ContainsKey(name), $"{name} is not told: {expression}");
                // What Prometheus adds itself, and the bucket's bound, are labels of any.
                var labels = Label().Matches(series.Groups[2].Value).Select(label => label.Groups[1].Value).Except(["job", "instance", "le"]);
                Assert.All(labels, label => Assert.Contains(label, told[name]));
            }
        }
    }

    [Fact]
    public void Every_panel_has_a_place_of_its_own_and_asks_something()
    {
        var panels = Dashboard()["panels"]!.AsArray().Select(panel => panel!.AsObject()).ToList();

        Assert.Equal(panels.Count, panels.Select(panel => (int)panel["id"]!).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(panel => ((int)panel["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)).Distinct().Count());
        Assert.All(panels.Where(panel => (string)panel["type"]! != "row"), panel => Assert.NotEmpty(panel["targets"]!.AsArray()));
    }

    private static JsonNode Dashboard() => JsonNode.Parse(Repository.Read("deploy/grafana/teahouse.json"))!;

    private static IEnumerable<string> Expressions() =>
    [
        .. Dashboard()["panels"]!.AsArray().SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => (string)target!["expr"]!),
        .. Rule().Matches(Repository.Read("deploy/prometheus/alerts.yaml")).Select(rule => rule.Groups[1].Value),
    ];

    /// <summary>Each series by name, with the labels it has.</summary>
    private static Dictionary<string, HashSet<string>> Read(string text)
    {
        Dictionary<string, HashSet<string>> series = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var name = line[..line.IndexOfAny(['{', ' '])];
            series.TryAdd(name, []);
            series[name].UnionWith(Label().Matches(line).Select(label => label.Groups[1].Value));
        }
        return series;
    }

    [GeneratedRegex(@"\b((?:teahouse|http_server|dotnet|process)_[a-z0-9_]+|up(?=\{))(?:\{([^}]*)\})?")]
    private static partial Regex Series();

    [GeneratedRegex("([a-z_][a-z0-9_]*)(?:=~|!~|!=|=)\"")]
    private static partial Regex Label();

    [GeneratedRegex(@"(?m)^ +expr: (.+)$")]
    private static partial Regex Rule();
}
