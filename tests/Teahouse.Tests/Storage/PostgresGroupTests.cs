using System.Globalization;
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

        Assert.Equal(string.Join(' ', Enumerable.Range(0, Count)), await AskAsync(database,
            "SELECT string_agg(g, ' | ') FROM (SELECT string_agg(text, ' ' ORDER BY id) AS g FROM messages WHERE text NOT IN ('first', 'second') GROUP BY xmin::text) AS groups"));
    }

    [Fact]
    public async Task What_is_said_between_two_rounds_of_a_large_room_is_one_transaction()
    {
        const int Members = 300;
        const int Talkers = 4;
        const int Count = 400;
        var database = await TestDatabase.CreateAsync();
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, ("DATABASE_URL", database), ("FAST_TRANSPORT", "on")]);
        List<RawSocket> sockets = [];
        try
        {
            for (var i = 0; i < Members; i++)
            {
                sockets.Add(await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/"));
            }
            await SayAsync(sockets[0], ["first"]);
            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            for (var i = 0; i < Count; i++)
            {
                await sockets[i % Talkers].SayAsync([$"{i}"]);
                await beat.WaitForNextTickAsync(Ct);
            }
            // Nothing is lost or doubled, and what each of them says is in its order.
            var told = await ListenAsync(sockets[^1]);
            Assert.Equal(Count, told.Distinct().Count());
            for (var talker = 0; talker < Talkers; talker++)
            {
                Assert.Equal(Enumerable.Range(0, Count / Talkers).Select(i => (i * Talkers) + talker), told.Where(number => number % Talkers == talker));
            }
        }
        finally
        {
            foreach (var socket in sockets)
            {
                await socket.DisposeAsync();
            }
        }

        // One for each would be 400.
        Assert.InRange((long)(await AskAsync(database, "SELECT count(DISTINCT xmin::text) FROM messages"))!, 2, Count / 4);

        async Task<List<int>> ListenAsync(RawSocket socket)
        {
            List<int> told = [];
            while (told.Count < Count)
            {
                if (int.TryParse((string?)JsonNode.Parse((await socket.ReceiveTextAsync()).Text)!["message"], CultureInfo.InvariantCulture, out var number))
                {
                    told.Add(number);
                }
            }
            return told;
        }
    }

    private static async Task<object?> AskAsync(string database, string question)
    {
        await using var connection = new NpgsqlConnection(PostgresUrl.Parse("url", database));
        await connection.OpenAsync(Ct);
#pragma warning disable CA2100 // Constants of the tests.
        await using var command = new NpgsqlCommand(question, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Ct);
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
