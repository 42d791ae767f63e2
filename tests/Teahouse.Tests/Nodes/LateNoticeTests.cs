using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>What one node has to tell the others by the database alone.</summary>
[Trait("Speed", "Medium")]
public sealed class LateNoticeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_out_that_is_committed_after_hundreds_of_others_by_a_clock_far_off_is_acted_on()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);
        var alice = await nodes.A.SignInCookiesAsync("alice");
        await using var socket = await TwoNodes.EnterAsync(nodes.B, alice, "tea");
        await using var early = await TwoNodes.EnterAsync(nodes.B, await nodes.A.SignInCookiesAsync("bob"), "tea");
        var cluster = await TestDatabase.ClusterAsync();
        await using var connection = await cluster.OpenAsync(nodes.Database);
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            await AddAsync(connection, "{\"Kind\":\"user_shut_out\",\"Id\":1}");
            await using var other = await cluster.OpenAsync(nodes.Database);
            for (var i = 0; i < 300; i++)
            {
                await AddAsync(other, "{\"Kind\":\"none\"}");
            }
            await AddAsync(other, "{\"Kind\":\"user_shut_out\",\"Id\":2}");
            // It has read the later ones by now.
            Assert.Equal(4501, await early.ReceiveCloseAsync());
            await transaction.CommitAsync(Ct);
        }

        Assert.Equal(4501, await socket.ReceiveCloseAsync());

        static async Task AddAsync(Npgsql.NpgsqlConnection connection, string body)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO notices (body, created_at) VALUES ($1, 0)";
            command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = body });
            await command.ExecuteNonQueryAsync(Ct);
        }
    }
}
