using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class RowTests
{
    private const string Sql = "SELECT CAST(9007199254740993 AS BIGINT), CAST(NULL AS BIGINT), '哈囉 \U0001F375', '', CAST(NULL AS TEXT), CAST(86400000 AS BIGINT), 1 = 1, 1 = 0, CAST(@n AS BIGINT)";

    private static readonly HotStatement Values = new(Sql, "@n");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_value_is_read_as_it_is_stored()
    {
        await using var server = await TestServer.StartAsync();

        // Twice: the second run is the same statement once more.
        foreach (var n in (long[])[-1, long.MaxValue])
        {
            var row = await server.Get<Db>().ReadAsync(session => session.FindAsync(Values, row => Tuple.Create(
                (row.Int64At(0), row.NumberAt(0), row.NumberAt(1)), (row.StringAt(2), row.TextAt(2), row.StringAt(3), row.TextAt(4)),
                (row.TimeAt(5), row.TimeAt(1)), (row.BooleanAt(6), row.BooleanAt(7)), row.Int64At(8)), [n]), Ct);

            Assert.NotNull(row);
            Assert.Equal((9007199254740993, 9007199254740993, null), row.Item1);
            Assert.Equal(("哈囉 \U0001F375", "哈囉 \U0001F375", "", null), row.Item2);
            Assert.Equal((DateTimeOffset.UnixEpoch.AddDays(1), null), row.Item3);
            Assert.Equal((true, false), row.Item4);
            Assert.Equal(n, row.Item5);
        }
    }

    [Fact]
    public async Task A_text_that_must_be_there_and_is_not_is_said()
    {
        await using var server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<InvalidCastException>(() => server.Get<Db>().ReadAsync(session => session.FindAsync(Values, row => row.StringAt(4), [1L]), Ct));
    }
}
