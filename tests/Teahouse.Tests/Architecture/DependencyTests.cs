using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Architecture;

/// <summary>The rules of docs/architecture.md that a machine can check.</summary>
public sealed partial class DependencyTests
{
    private const int MaxLines = 300;

    /// <summary>What each folder may import besides itself and the root. Needing more is the sign that the right-hand side should pull from the log.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Web"] = [],
        ["Storage"] = [],
        ["Realtime"] = ["Web"],
        ["Jobs"] = ["Web", "Storage"],
        ["Mail"] = ["Web", "Storage"],
        ["Accounts"] = ["Web", "Storage", "Realtime", "Jobs", "Mail"],
        ["Rooms"] = ["Web", "Storage", "Realtime", "Jobs", "Accounts"],
        ["Messages"] = ["Web", "Storage", "Realtime", "Jobs", "Accounts", "Rooms"],
        ["Projects"] = ["Web", "Storage", "Realtime", "Jobs", "Accounts", "Rooms", "Messages"],
        ["Metrics"] = ["Web", "Storage", "Realtime", "Accounts", "Rooms", "Messages", "Sinks"],
        ["Django"] = ["Web", "Storage", "Accounts", "Rooms", "Messages", "Projects"],
        ["Cli"] = ["Web", "Storage", "Realtime", "Jobs", "Mail", "Accounts", "Rooms", "Messages", "Projects", "Django", "Sinks"],
        ["Sinks"] = ["Web", "Storage", "Realtime", "Jobs", "Mail", "Accounts", "Rooms", "Messages"],
        ["MyData"] = ["Web", "Storage", "Jobs", "Accounts"],
        ["Retention"] = ["Web", "Storage", "Jobs", "Rooms", "Messages", "Sinks"],
        ["Admin"] = ["Web", "Storage", "Realtime", "Jobs", "Mail", "Accounts", "Rooms", "Messages", "Projects", "Sinks", "Hooks"],
        ["Hooks"] = ["Web", "Storage", "Realtime", "Jobs", "Accounts", "Rooms", "Messages"],
    };

    /// <summary>The only files of the root that know every feature.</summary>
    private static readonly string[] Assembling = ["src/Teahouse/Program.cs", "src/Teahouse/Server.cs"];

    public static TheoryData<string> Sources() => [.. Repository.List("src/Teahouse", ".cs", ".cshtml")];

    [Theory, MemberData(nameof(Sources))]
    public void A_feature_imports_only_what_stands_before_it(string file)
    {
        if (Assembling.Contains(file))
        {
            return;
        }
        var area = AreaOf(file);
        string[] allowed = area is null ? ["Web"] : [area, .. Allowed.GetValueOrDefault(area) ?? throw new InvalidOperationException($"{area} has no place in the order yet.")];
        var text = Comment().Replace(Repository.Read(file), "");

        var imported = Qualified().Matches(text).Concat(HalfQualified().Matches(text)).Select(match => match.Groups[1].Value).Where(Allowed.ContainsKey).Distinct();

        Assert.Empty(imported.Except(allowed));
    }

    [Fact]
    public void A_table_is_written_by_one_store_only()
    {
        var writers = Repository.List("src/Teahouse", ".cs")
            // UserStore.Identity.cs is UserStore.
            .SelectMany(file => Write().Matches(Repository.Read(file)).Select(match => (Table: match.Groups[1].Value, Store: file[..file.IndexOf('.', StringComparison.Ordinal)])))
            .Distinct()
            .ToLookup(write => write.Table, write => write.Store);

        Assert.True(writers.Count > 5);
        Assert.All(writers, table => Assert.True(table.Count() == 1, $"{table.Key} is written by {string.Join(" and ", table)}"));
    }

    [Fact]
    public void Every_statement_is_a_constant()
    {
        var statements = 0;
        foreach (var file in Repository.List("src/Teahouse", ".cs"))
        {
            var text = Comment().Replace(Repository.Read(file), "");
            foreach (Match literal in Literal().Matches(text))
            {
                if (!Statement().IsMatch(literal.Value))
                {
                    continue;
                }
                statements++;
                var begin = text.LastIndexOfAny([';', '{', '}'], Math.Max(0, literal.Index - 1)) + 1;
                Assert.True(text[begin..literal.Index].Contains("const string", StringComparison.Ordinal) && literal.Value[0] == '"',
                    $"{file}: not a constant: {literal.Value}");
            }
        }
        Assert.True(statements > 30);
    }

    [Fact]
    public void No_source_file_is_longer_than_a_reader_can_hold()
    {
        string[] files = [.. Repository.List("src", ".cs", ".cshtml", ".js", ".ts", ".css"), .. Repository.List("tests", ".cs"), .. Repository.List("scripts", ""), "run", "test"];

        Assert.DoesNotContain(files, file => File.ReadLines(Repository.PathOf(file)).Count() > MaxLines);
    }

    [Fact]
    public void Nothing_writes_markup_past_the_encoder()
    {
        var pages = Repository.List("src/Teahouse", ".cshtml");

        Assert.True(pages.Count > 10);
        Assert.DoesNotContain(pages, page => Repository.Read(page).Contains("Html.Raw", StringComparison.Ordinal));
        // The policy would block them; better that nobody tries.
        Assert.DoesNotContain(pages, page => InlineCode().IsMatch(Repository.Read(page)));
    }

    private static string? AreaOf(string file) => file.Split('/') is [_, _, var area, _, ..] ? area : null;

    [GeneratedRegex(@"(?<![.\w])Teahouse\.(\w+)")]
    private static partial Regex Qualified();

    // Inside namespace Teahouse.X the name Rooms.Room needs no using.
    [GeneratedRegex(@"(?<![.\w""/@-])(\w+)\.[A-Z]\w+")]
    private static partial Regex HalfQualified();

    [GeneratedRegex(@"(?m)^\s*//.*$|@\*[\s\S]*?\*@")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:INSERT INTO|UPDATE|DELETE FROM) (?!SET\b)([a-z_]+)\b")]
    private static partial Regex Write();

    [GeneratedRegex("""
        \$*\"{3}[\s\S]*?\"{3}|\$*@?"(?:[^"\\\n]|\\.)*"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b(?:SELECT\b.+\bFROM\b|INSERT INTO\b|UPDATE\s+[a-z_]+\s+SET\b|DELETE FROM\b)", RegexOptions.Singleline)]
    private static partial Regex Statement();

    [GeneratedRegex("""<script(?![^>]*(?:\bsrc=|type="application/json"))|\sstyle="|\son[a-z]+="|href="javascript:""")]
    private static partial Regex InlineCode();
}
