using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Teahouse.Tests.Sinks;

/// <summary>A spreadsheet as Google keeps it: tabs with grids, which end somewhere. What a person does to it is done by the methods below <see cref="Refuse"/>.</summary>
public sealed partial class FakeSheet
{
    private readonly Lock _gate = new();
    private readonly List<Tab> _tabs = [new("ChatLogs", 0, 1000, 26)];

    /// <summary>Of all tabs together.</summary>
    public long MaxCells { get; set; } = 10_000_000;

    /// <summary>Answers one call, or refuses it as Google does.</summary>
    public JsonObject Read()
    {
        lock (_gate)
        {
            return new JsonObject
            {
                ["sheets"] = new JsonArray([.. _tabs.Select(tab => (JsonNode)new JsonObject { ["properties"] = tab.Describe() })]),
            };
        }
    }

    public JsonObject ReadValues(string range)
    {
        lock (_gate)
        {
            var (tab, from, to, first, last) = Find(range);
            var rows = tab.Rows.Skip(from - 1).Take((to ?? tab.Height) - from + 1).Select(row => Trim(row[(first - 1)..Math.Min(last, row.Length)])).ToList();
            while (rows.Count > 0 && rows[^1].Count == 0)
            {
                rows.RemoveAt(rows.Count - 1);
            }
            var answer = new JsonObject { ["range"] = range, ["majorDimension"] = "ROWS" };
            if (rows.Count > 0)
            {
                answer["values"] = new JsonArray([.. rows.Select(row => (JsonNode)new JsonArray([.. row.Select(cell => JsonValue.Create(cell))]))]);
            }
            return answer;
        }
    }

    public JsonObject Write(string range, JsonElement body, string? option)
    {
        lock (_gate)
        {
            var (tab, from, to, first, last) = Find(range);
            var rows = body.GetProperty("values").EnumerateArray().Select(row => row.EnumerateArray().ToArray()).ToList();
            if (from + rows.Count - 1 > (to ?? tab.Height))
            {
                throw Refuse(400, "INVALID_ARGUMENT", $"Requested writing within range [{range}], but tried writing to row [{from + rows.Count}]");
            }
            for (var i = 0; i < rows.Count; i++)
            {
                var row = tab.Row(from + i);
                for (var j = 0; j < rows[i].Length; j++)
                {
                    if (first + j > last)
                    {
                        throw Refuse(400, "INVALID_ARGUMENT", "Requested writing beyond the range");
                    }
                    row[first + j - 1] = rows[i][j].ValueKind switch
                    {
                        JsonValueKind.Number => rows[i][j].GetInt64(),
                        JsonValueKind.String when rows[i][j].GetString() is { Length: > 50_000 } => throw Refuse(400, "INVALID_ARGUMENT", "Your input contains more than the maximum of 50000 characters in a single cell."),
                        // Anything but RAW is read as if a person had typed it.
                        JsonValueKind.String when option == "RAW" => rows[i][j].GetString() is { Length: > 0 } text ? text : null,
                        _ => "#TYPED",
                    };
                }
            }
            return new JsonObject { ["updatedRange"] = range, ["updatedRows"] = rows.Count };
        }
    }

    public JsonObject Change(JsonElement body)
    {
        lock (_gate)
        {
            var replies = new JsonArray();
            foreach (var request in body.GetProperty("requests").EnumerateArray())
            {
                replies.Add((JsonNode)(request.TryGetProperty("appendDimension", out var append) ? Grow(append) : request.TryGetProperty("addSheet", out var add) ? Add(add.GetProperty("properties"))
                    : request.TryGetProperty("deleteSheet", out var delete) ? Remove(delete.GetProperty("sheetId").GetInt32()) : throw Refuse(400, "INVALID_ARGUMENT", "Invalid requests[0]: No request set.")));
            }
            return new JsonObject { ["replies"] = replies };
        }
    }

    /// <summary>Google's own form of an error.</summary>
    public static GoogleRefusedException Refuse(int status, string word, string message) => new(status, word, message);

    /// <summary>A person inserts rows: row <paramref name="before"/> and all below move down.</summary>
    public void InsertRows(string tab, int before, int count)
    {
        lock (_gate)
        {
            var found = _tabs.Single(each => each.Title == tab);
            found.Rows.InsertRange(Math.Min(before - 1, found.Rows.Count), Enumerable.Range(0, count).Select(_ => new object?[found.Width]));
            found.Height += count;
        }
    }

    public void DeleteRows(string tab, int first, int count)
    {
        lock (_gate)
        {
            var found = _tabs.Single(each => each.Title == tab);
            found.Rows.RemoveRange(first - 1, count);
            found.Height -= count;
        }
    }

    public void Type(string tab, int row, int column, object? value)
    {
        lock (_gate)
        {
            _tabs.Single(each => each.Title == tab).Row(row)[column - 1] = value;
        }
    }

    public void Resize(string tab, int height, int width)
    {
        lock (_gate)
        {
            var found = _tabs.Single(each => each.Title == tab);
            (found.Height, found.Width) = (height, width);
            found.Rows = [.. found.Rows.Take(height).Select(row => row[..Math.Min(width, row.Length)].Concat(Enumerable.Repeat<object?>(null, Math.Max(0, width - row.Length))).ToArray())];
        }
    }

    /// <summary>All rows that hold anything, with their numbers.</summary>
    public IReadOnlyList<(int Row, object?[] Cells)> Rows(string tab = "ChatLogs")
    {
        lock (_gate)
        {
            return [.. (_tabs.Find(each => each.Title == tab)?.Rows ?? []).Select((cells, i) => (i + 1, cells.ToArray())).Where(row => row.Item2.Any(cell => cell is not null))];
        }
    }

    /// <summary>What stands in the column of ids, from top to bottom, over all tabs.</summary>
    public IReadOnlyList<long> Ids()
    {
        lock (_gate)
        {
            return [.. _tabs.SelectMany(tab => tab.Rows).Select(row => row.ElementAtOrDefault(4)).OfType<long>()];
        }
    }

    public IReadOnlyList<string> Tabs()
    {
        lock (_gate)
        {
            return [.. _tabs.Select(tab => tab.Title)];
        }
    }

    private JsonObject Grow(JsonElement append)
    {
        var tab = _tabs.Find(each => each.Id == append.GetProperty("sheetId").GetInt32()) ?? throw Refuse(400, "INVALID_ARGUMENT", "Invalid requests[0].appendDimension: No grid with that id");
        var length = append.GetProperty("length").GetInt32();
        var isRows = append.GetProperty("dimension").GetString() == "ROWS";
        CheckCells(isRows ? (long)length * tab.Width : (long)length * tab.Height);
        if (isRows)
        {
            tab.Height += length;
        }
        else
        {
            tab.Width += length;
            tab.Rows = [.. tab.Rows.Select(row => row.Concat(new object?[length]).ToArray())];
        }
        return [];
    }

    private JsonObject Add(JsonElement properties)
    {
        var title = properties.GetProperty("title").GetString()!;
        if (_tabs.Exists(tab => tab.Title == title))
        {
            throw Refuse(400, "INVALID_ARGUMENT", $"Invalid requests[0].addSheet: A sheet with the name \"{title}\" already exists. Please enter another name.");
        }
        var grid = properties.GetProperty("gridProperties");
        var (rows, columns) = (grid.GetProperty("rowCount").GetInt32(), grid.GetProperty("columnCount").GetInt32());
        // The tests' limit is one tab's, so that there can be another.
        var made = new Tab(title, _tabs.Count * 7, rows, columns);
        _tabs.Add(made);
        return new JsonObject { ["addSheet"] = new JsonObject { ["properties"] = made.Describe() } };
    }

    private JsonObject Remove(int id)
    {
        _tabs.RemoveAll(tab => tab.Id == id);
        return [];
    }

    private void CheckCells(long more)
    {
        if (_tabs.Sum(tab => (long)tab.Height * tab.Width) + more > MaxCells)
        {
            throw Refuse(400, "INVALID_ARGUMENT", "Invalid requests[0].appendDimension: This action would increase the number of cells in the workbook above the limit of 10000000 cells.");
        }
    }

    private (Tab Tab, int From, int? To, int First, int Last) Find(string range)
    {
        var match = A1().Match(range);
        var tab = _tabs.Find(each => each.Title == match.Groups["tab"].Value.Replace("''", "'", StringComparison.Ordinal));
        if (!match.Success || tab is null)
        {
            throw Refuse(400, "INVALID_ARGUMENT", $"Unable to parse range: {range}");
        }
        var from = int.Parse(match.Groups["from"].Value, CultureInfo.InvariantCulture);
        int? to = match.Groups["to"].Value is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
        var (first, last) = (match.Groups["a"].Value[0] - 'A' + 1, match.Groups["z"].Value[0] - 'A' + 1);
        if (from > tab.Height || to > tab.Height || last > tab.Width)
        {
            throw Refuse(400, "INVALID_ARGUMENT", $"Range ({range}) exceeds grid limits. Max rows: {tab.Height}, max columns: {tab.Width}");
        }
        return (tab, from, to, first, last);
    }

    private static List<object?> Trim(object?[] cells)
    {
        var trimmed = cells.Select(cell => cell ?? "").ToList<object?>();
        while (trimmed.Count > 0 && trimmed[^1] is "")
        {
            trimmed.RemoveAt(trimmed.Count - 1);
        }
        return trimmed;
    }

    private sealed class Tab(string title, int id, int height, int width)
    {
        public string Title => title;

        public int Id => id;

        public int Height { get; set; } = height;

        public int Width { get; set; } = width;

        public List<object?[]> Rows { get; set; } = [];

        public object?[] Row(int number)
        {
            while (Rows.Count < number)
            {
                Rows.Add(new object?[Width]);
            }
            return Rows[number - 1];
        }

        public JsonObject Describe() => new()
        {
            ["sheetId"] = id,
            ["title"] = title,
            ["gridProperties"] = new JsonObject { ["rowCount"] = Height, ["columnCount"] = Width },
        };
    }

    [GeneratedRegex("^'(?<tab>.*)'!(?<a>[A-Z])(?<from>[0-9]+):(?<z>[A-Z])(?<to>[0-9]*)$")]
    private static partial Regex A1();
}

/// <summary>An error as Google words it.</summary>
public sealed class GoogleRefusedException(int status, string word, string message) : Exception(message)
{
    public int Status => status;

    public string Word => word;
}
