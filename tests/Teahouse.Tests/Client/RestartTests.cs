using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Client;

/// <summary>The library and a server that goes away, is full, or does not want it back.</summary>
[Trait("Speed", "Medium")]
public sealed class RestartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly (string, string)[] NoLimits = [("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_starts_again_is_found_again()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            var first = await TestServer.StartAsync(NoLimits, directory);
            var address = first.Address;
            await using var client = Guest(address, "g");
            var reader = new RoomReader(await client.JoinAsync("r", Ct));
            await client.SendAsync("r", "before", Ct);

            await first.DisposeAsync();
            await reader.NextAsync<ConnectionLost>();
            var sending = client.SendAsync("r", "after", Ct);
            await using var second = await TestServer.StartAsync([.. NoLimits, ("URLS", address.ToString())], directory);

            Assert.Equal(2, (await sending.WaitAsync(Patience, Ct)).Seq);
            await reader.ReachAsync(2);
            Assert.Equal(["before", "after"], reader.Texts);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_restart_by_SIGTERM_loses_and_doubles_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            Uri address;
            var states = new StateLog();
            TeahouseClient client;
            RoomReader reader;
            List<Task<SendReceipt>> sends = [];
            await using (var program = await ProgramProcess.ServeAsync(directory, NoLimits))
            {
                address = program.Address;
                client = new TeahouseClient(Options(address, "g") with { OnConnectionChanged = states.Add, LongestRetry = TimeSpan.FromSeconds(1) });
                reader = new RoomReader(await client.JoinAsync("r", Ct));
                sends.AddRange(Enumerable.Range(1, 500).Select(i => client.SendAsync("r", $"{i}", Ct)));
                await reader.ReachAsync(20);
                program.Terminate();
                Assert.Equal(0, await program.WaitForExitAsync());
            }
            // The wait that drain asked for, not a failure's.
            var waiting = states.Changes.First(change => change.State == ConnectionState.Waiting);
            Assert.Null(waiting.Reason);
            Assert.InRange(waiting.RetryIn!.Value.TotalMilliseconds, 200, 5250);

            await using (await ProgramProcess.ServeAsync(directory, [.. NoLimits, ("URLS", address.ToString())]))
            {
                var receipts = await Task.WhenAll(sends).WaitAsync(Patience, Ct);
                Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), receipts.Select(receipt => receipt.Seq));
                await reader.ReachAsync(500);
                Assert.Equal(Enumerable.Range(1, 500).Select(i => $"{i}"), reader.Texts);
                await client.DisposeAsync();
                await reader.Ended;
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_sign_out_ends_everything_for_good()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");
        using var browser = server.CreateClient(cookies);
        var states = new StateLog();
        await using var alice = new TeahouseClient(Options(server.Address, null) with { Cookie = cookies.GetCookieHeader(server.Address), OnConnectionChanged = states.Add });
        var reader = new RoomReader(await alice.JoinAsync("r", Ct));

        await browser.PostFormFromAsync("/settings/", "/logout/");
        var error = await Assert.ThrowsAsync<TeahouseException>(() => reader.Ended.WaitAsync(Patience, Ct));

        Assert.Equal((ErrorCodes.SignedOut, 4501), (error.Code, error.CloseCode));
        await Assert.ThrowsAsync<TeahouseException>(() => alice.Completion.WaitAsync(Patience, Ct));
        Assert.Equal(ErrorCodes.SignedOut, (await Assert.ThrowsAsync<TeahouseException>(() => alice.SendAsync("r", "x", Ct))).Code);
        Assert.Equal([ConnectionState.Connecting, ConnectionState.Online, ConnectionState.Ended], states.States);

        // What the session was is not known any more: not to be taken for a visitor without identity.
        await using var late = new TeahouseClient(Options(server.Address, null) with { Cookie = $"teahouse_session={new string('a', 43)}" });
        Assert.Equal(ErrorCodes.SignedOut, (await Assert.ThrowsAsync<TeahouseException>(() => late.JoinAsync("r", Ct))).Code);
    }

    [Fact]
    public async Task Too_many_connections_are_ended_for_good()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_SOCKETS_PER_USER", "1")]);
        var cookie = (await server.SignInCookiesAsync("alice")).GetCookieHeader(server.Address);
        await using var first = new TeahouseClient(Options(server.Address, null) with { Cookie = cookie });
        using var room = await first.JoinAsync("r", Ct);
        await using var second = new TeahouseClient(Options(server.Address, null) with { Cookie = cookie });

        var error = await Assert.ThrowsAsync<TeahouseException>(() => second.JoinAsync("r", Ct).WaitAsync(Patience, Ct));

        Assert.Equal((ErrorCodes.TooManyConnections, 4505), (error.Code, error.CloseCode));
        await room.SendAsync("still here", Ct);
    }

    [Fact]
    public async Task A_full_server_is_asked_again_when_it_said()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_SOCKETS", "1")]);
        await using var first = Guest(server.Address, "first");
        using var room = await first.JoinAsync("r", Ct);
        var told = new TaskCompletionSource<ConnectionChange>();
        await using var second = new TeahouseClient(Options(server.Address, "second") with
        {
            OnConnectionChanged = change =>
            {
                if (change.State == ConnectionState.Waiting)
                {
                    told.TrySetResult(change);
                }
            },
        });

        var waiting = await told.Task.WaitAsync(Patience, Ct);

        Assert.InRange(waiting.RetryIn!.Value.TotalSeconds, 5, 6.25);
        Assert.Equal("The server answered 503.", waiting.Reason?.Message);
    }

    private static TeahouseClient Guest(Uri server, string nickname) => new(Options(server, nickname));

    /// <summary>Quick to come back, so that tests are.</summary>
    private static TeahouseClientOptions Options(Uri server, string? nickname) => new()
    {
        Server = server,
        Nickname = nickname,
        FirstRetry = TimeSpan.FromMilliseconds(50),
        LongestRetry = TimeSpan.FromMilliseconds(300),
    };
}
