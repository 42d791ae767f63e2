using System.Data.Common;

namespace Teahouse.Storage;

/// <summary>A statement run for every message, or whose rows come by the hundred on every page: its parameters are made once and only get new values, and its rows are read by
/// position; on SQLite straight through the native library (<see cref="SqliteStatement"/>). Everything else goes through Dapper, which costs more a run and less to write. Immutable; meant for static fields.</summary>
/// <param name="sql">Constant text of the portable subset.</param>
/// <param name="parameters">The names in it, with their <c>@</c>, in the order their values are given.</param>
public sealed class HotStatement(string sql, params string[] parameters)
{
    public string Sql => sql;

    /// <summary>In the order of their values.</summary>
    internal IReadOnlyList<string> Parameters => parameters;

    /// <summary>The same, answering with the new row's <c>id</c>.</summary>
    internal HotStatement WithId => field ??= new HotStatement(sql + "\nRETURNING id", parameters);

    internal void Bind(DbCommand command, ReadOnlySpan<object?> values)
    {
        if (command.Parameters.Count == 0)
        {
            foreach (var name in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }
        }
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] switch
            {
                null => DBNull.Value,
                DateTimeOffset at => at.ToUnixTimeMilliseconds(),
                var value => value,
            };
        }
    }
}
