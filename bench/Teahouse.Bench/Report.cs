using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Teahouse.Bench;

/// <summary>Keeps what was measured: a JSON line each as it comes, tables of the medians at the end.</summary>
internal sealed class Report(string path)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<Measurement> _all = [];

    public string File => path;

    public void Add(Measurement measurement)
    {
        _all.Add(measurement);
        var line = new Dictionary<string, object?>
        {
            ["at"] = DateTimeOffset.UtcNow,
            ["scenario"] = measurement.Scenario,
            ["case"] = measurement.Case,
            ["server"] = measurement.Server,
            ["run"] = measurement.Run,
        };
        foreach (var figure in measurement.Figures)
        {
            line[figure.Name] = double.IsFinite(figure.Value) ? Math.Round(figure.Value, 3) : null;
        }
        line["note"] = measurement.Note;
        System.IO.File.AppendAllText(path, JsonSerializer.Serialize(line, Json) + "\n");
        Console.Error.WriteLine($"  {measurement.Scenario} {measurement.Case} {measurement.Server}: "
            + string.Join(", ", measurement.Figures.Select(figure => $"{figure.Name} {Format(figure.Value, figure.Decimals)}")) + (measurement.Note is { } note ? $" ({note})" : ""));
    }

    /// <summary>A table (Markdown) for each scenario, a line for each case and server.</summary>
    public void Print(TextWriter to)
    {
        foreach (var scenario in _all.GroupBy(measurement => measurement.Scenario))
        {
            var names = scenario.SelectMany(measurement => measurement.Figures.Select(figure => figure.Name)).Distinct().ToList();
            List<string[]> lines = [[scenario.Key, "server", .. names, "note"]];
            foreach (var group in scenario.GroupBy(measurement => (measurement.Case, measurement.Server)).OrderBy(group => Order(scenario, group.Key.Case)))
            {
                var notes = string.Join("; ", group.Select(measurement => measurement.Note).OfType<string>().Distinct());
                lines.Add([group.Key.Case, group.Key.Server, .. names.Select(name => Cell(group, name)), notes]);
            }
            var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToList();
            to.WriteLine();
            for (var i = 0; i < lines.Count; i++)
            {
                to.WriteLine("| " + string.Join(" | ", lines[i].Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))) + " |");
                if (i == 0)
                {
                    to.WriteLine("|" + string.Concat(widths.Select((width, column) => column < 2 ? new string('-', width + 2) + "|" : new string('-', width + 1) + ":|")));
                }
            }
        }
    }

    private static int Order(IEnumerable<Measurement> scenario, string name) => scenario.Select(measurement => measurement.Case).Distinct().ToList().IndexOf(name);

    private static string Cell(IEnumerable<Measurement> runs, string name)
    {
        var figures = runs.SelectMany(run => run.Figures).Where(figure => figure.Name == name).OrderBy(figure => figure.Value).ToList();
        if (figures.Count == 0)
        {
            return "–";
        }
        // What must not happen at all is not excused by a median.
        var figure = name is "lost" or "doubled" or "disordered" or "lost or disordered" or "5xx" ? figures[^1] : figures[figures.Count / 2];
        return Format(figure.Value, figure.Decimals);
    }

    private static string Format(double value, int decimals) =>
        double.IsFinite(value) ? value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : "–";
}
