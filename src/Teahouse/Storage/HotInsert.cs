using System.Text;

namespace Teahouse.Storage;

/// <summary>An insert of many rows at once, for SQLite's writer (<see cref="SqliteInsert"/>). Immutable; meant for static fields.</summary>
/// <param name="into">Constant text up to and with <c>VALUES</c>.</param>
/// <param name="row">One row in brackets, with a <c>?</c> for each value given.</param>
/// <param name="tail">What follows the rows.</param>
public sealed class HotInsert(string into, string row, string tail)
{
    /// <summary>Values given a row.</summary>
    internal int Values { get; } = row.Count(static c => c == '?');

    internal string Sql(int rows) => new StringBuilder(into).Append(' ').AppendJoin(", ", Enumerable.Repeat(row, rows)).Append('\n').Append(tail).ToString();
}
