using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>A name that a transaction of somebody else's, such as an import's, has taken and not committed.</summary>
[Trait("Speed", "Medium")]
public sealed class HeldNameTests
{
    private const string Taken = "INSERT INTO rooms (kind, name, name_key, title, topic, search_key, access, created_at) VALUES ('room', 'taken', 'taken', 'taken', '', '', 'guests', 0)";
    private const string Waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_speaks_there_waits_and_holds_up_no_other_room()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);
        await using var first = await SocketClient.ConnectAsync(nodes.A, "/ws/chat/taken/");
        await using var other = await SocketClient.ConnectAsync(nodes.A, "/ws/chat/r/");
        await SayAsync(other);
        var cluster = await TestDatabase.ClusterAsync();
        await using var connection = await cluster.OpenAsync(nodes.Database);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var take = new Npgsql.NpgsqlCommand(Taken, connection, transaction);
        await take.ExecuteNonQueryAsync(Ct);
        await using var looking = await cluster.OpenAsync(nodes.Database);
        await using var look = new Npgsql.NpgsqlCommand(Waiting, looking);

        var waiting = SayAsync(first);
        await Eventually.TrueAsync(async () => (long)(await look.ExecuteScalarAsync(Ct))! > 0);
        await SayAsync(other);

        Assert.False(waiting.IsCompleted);
        await transaction.RollbackAsync(Ct);
        await waiting;

        static async Task SayAsync(SocketClient socket)
        {
            await socket.SendAsync(new { message = "tea" });
            await socket.ReceiveAsync(frame => (string?)frame["message"] == "tea");
        }
    }
}
