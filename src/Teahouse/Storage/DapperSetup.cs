using System.Data;
using Dapper;

namespace Teahouse.Storage;

/// <summary>How rows become objects, on either database: <c>snake_case</c> columns, times as Unix milliseconds.</summary>
internal static class DapperSetup
{
    private static readonly Lock Gate = new();
    private static bool _done;

    public static void Apply()
    {
        lock (Gate)
        {
            if (_done)
            {
                return;
            }
            DefaultTypeMap.MatchNamesWithUnderscores = true;
            // Dapper maps DateTimeOffset itself unless told not to, and then never asks the handler.
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
            SqlMapper.AddTypeHandler(new UnixMilliseconds());
            _done = true;
        }
    }

    private sealed class UnixMilliseconds : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.ToUnixTimeMilliseconds();
        }

        public override DateTimeOffset Parse(object value) =>
            DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
    }
}
