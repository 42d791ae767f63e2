using System.Text.Json.Nodes;
using Npgsql;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Storage;

/// <summary>Messages that come together are stored together.</summary>
public sealed class PostgresGroupTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_comes_in_one_piece_is_one_transaction()
    {
        const int Count = 12;
        var database = await TestDatabase.CreateAsync();
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, ("DATABASE_URL", database), ("FAST_TRANSPORT", "on")]);
        await using var socket = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");
        // The first makes the room, and the second finds it: nothing has to be looked up for those behind them.
        await SayAsync(socket, ["first"]);
        await SayAsync(socket, ["second"]);

        await SayAsync(socket, [.. Enumerable.Range(0, Count).Select(i => $"{i}")]);

        await using var connection = new NpgsqlConnection(PostgresUrl.Parse("url", database));
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand("SELECT string_agg(g, ' | ') FROM (SELECT string_agg(text, ' ' ORDER BY id) AS g FROM messages WHERE text NOT IN ('first', 'second') GROUP BY xmin::text) AS groups", connection);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, Count)), await command.ExecuteScalarAsync(Ct));
    }

    /// <summary>Sends all in one piece, and returns when they have come back.</summary>
    private static async Task SayAsync(RawSocket socket, IReadOnlyList<string> texts)
    {
        await socket.SayAsync(texts);
        foreach (var text in texts)
        {
            string? heard;
            do
            {
                heard = (string?)JsonNode.Parse((await socket.ReceiveTextAsync()).Text)!["message"];
            }
            while (heard != text);
        }
    }
}
