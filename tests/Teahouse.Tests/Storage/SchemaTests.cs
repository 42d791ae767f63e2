using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

public sealed class SchemaTests
{
    private const string ListObjects = """
        SELECT sql
        FROM sqlite_schema
        WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
        ORDER BY CASE type WHEN 'table' THEN tbl_name ELSE tbl_name || ' ' || name END
        """;

    /// <summary>To rewrite it: <c>WRITE_SCHEMA=1 ./test --quick</c>.</summary>
    [Fact]
    public async Task The_documented_schema_is_the_one_the_migrations_make()
    {
        await using var server = await TestServer.StartAsync();
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "teahouse.db")};Mode=ReadOnly;Pooling=False");
        var dump = new StringBuilder("-- What the migrations make on SQLite. Written by a test (Storage/SchemaTests); do not edit.\n");
        foreach (var sql in await connection.QueryAsync<string>(ListObjects))
        {
            dump.Append('\n').Append(sql.ReplaceLineEndings("\n")).Append(";\n");
        }
        var path = Repository.PathOf("docs/schema.sql");
        if (Environment.GetEnvironmentVariable("WRITE_SCHEMA") == "1")
        {
            await File.WriteAllTextAsync(path, dump.ToString(), TestContext.Current.CancellationToken);
        }

        Assert.Equal(dump.ToString(), File.Exists(path) ? await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) : "");
    }
}
