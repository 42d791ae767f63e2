using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Teahouse.Sinks;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>Workers that are killed, at any moment, alone and beside others.</summary>
[Trait("Speed", "Medium")]
public sealed class WorkerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_server_killed_at_random_everything_is_in_the_sheet_once_in_order()
    {
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using var google = await FakeGoogle.StartAsync();
        (string, string)[] settings = [.. SharedServer.NoLimits, .. google.Settings, ("GOOGLE_ROWS_PER_CALL", "20")];
        for (var round = 0; round < 4; round++)
        {
            await using var program = await ProgramProcess.ServeAsync(data, settings);
            // The second time, in the middle of a call that Google does.
            var writes = 0;
            var enough = new TaskCompletionSource();
            var killAt = 2 + Random.Shared.Next(4);
            var round1 = round;
            google.Meet = call =>
            {
                if (call == GoogleCall.Write && ++writes >= killAt)
                {
                    enough.TrySetResult();
                    return round1 % 2 == 1 ? Fault.AnswerLost() : null;
                }
                return null;
            };
            var sending = SendAsync(program.Address);
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
            await program.KillAsync();
            await sending;
        }
        google.Meet = _ => null;
        await using (var program = await ProgramProcess.ServeAsync(data, settings))
        {
            var ids = (await History.ReadAsync(program.Address, "plaza", 0)).Select(message => (long)message["id"]!).ToList();
            Assert.True(ids.Count > 40);
            await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(ids), () => Difference(ids, google.Sheet.Ids()));
        }
        Assert.Equal(0, google.Count(GoogleCall.Append));
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Of_two_workers_one_serves_a_sink_and_when_it_is_killed_the_other_takes_over()
    {
        await using var google = await FakeGoogle.StartAsync();
        (string, string)[] settings =
        [
            ("DATABASE_URL", await TestDatabase.CreateAsync()), ("URLS", "http://127.0.0.1:0"), .. google.Settings, ("GOOGLE_ROWS_PER_CALL", "20"), ("SINK_LEASE_SECONDS", "1"),
        ];
        await using var site = await TestServer.StartAsync(settings, works: false);
        await SheetServer.AddRoomAsync(site, "plaza");
        var workers = new List<ProgramProcess> { await WorkAsync(settings), await WorkAsync(settings) };
        using var probe = new HttpClient { BaseAddress = workers[0].Address };
        using var ready = await probe.GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
        using var page = await probe.GetAsync(new Uri("/login/", UriKind.Relative), Ct);
        Assert.Equal((200, 404), ((int)ready.StatusCode, (int)page.StatusCode));

        long[] ids = [];
        for (var round = 0; round < 3; round++)
        {
            var before = google.Count(GoogleCall.Write);
            ids = await SheetTests.FillAsync(site, "plaza", 200);
            await Eventually.TrueAsync(() => google.Count(GoogleCall.Write) > before + 1);
            // Whichever serves now.
            var owner = await site.Get<Db>().ReadAsync(session => session.FindAsync<string?>("SELECT lease_owner FROM sinks"), Ct);
            Assert.NotNull(owner);
            var victim = workers[round % 2];
            await victim.KillAsync();
            await victim.DisposeAsync();
            workers[round % 2] = await WorkAsync(settings);
        }

        await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(ids), () => Difference(ids, google.Sheet.Ids()));
        foreach (var worker in workers)
        {
            worker.Terminate();
            Assert.Equal(0, await worker.WaitForExitAsync());
            await worker.DisposeAsync();
        }
        // Nobody holds it then.
        Assert.Null(await site.Get<Db>().ReadAsync(session => session.FindAsync<string?>("SELECT lease_owner FROM sinks"), Ct));
    }

    [Fact]
    public async Task All_workers_together_make_no_more_calls_a_minute_than_an_account_may()
    {
        await using var site = await TestServer.StartAsync([("DATABASE_URL", await TestDatabase.CreateAsync())], works: false);
        var store = new CallStore(site.Get<Db>());
        var paces = Enumerable.Range(0, 4).Select(_ => new CallPace(TimeProvider.System, 20, store)).ToList();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var calls = Enumerable.Range(0, 40).Select(i => paces[i % 4].WaitAsync("a", stop.Token)).ToList();
        await Eventually.TrueAsync(() => calls.Count(call => call.IsCompleted) == 20);
        var left = await store.TakeAsync("a", 20, Ct);
        var other = await store.TakeAsync("b", 20, Ct);

        Assert.Equal(20, calls.Count(call => call.IsCompleted));
        Assert.True(left > TimeSpan.FromSeconds(30), $"{left}");
        Assert.Null(other);
        // Another minute.
        await site.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE google_calls SET free_at = 0"), Ct);
        Assert.Null(await store.TakeAsync("a", 20, Ct));
        await stop.CancelAsync();
        await Task.WhenAll(calls).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_node_that_reaches_nothing_asks_a_worker_about_sheets()
    {
        await using var google = await FakeGoogle.StartAsync();
        var url = await TestDatabase.CreateAsync();
        await using var web = await TestServer.StartAsync([("DATABASE_URL", url), .. google.Quick], works: false);
        await web.AddUserAsync("root", isAdmin: true);
        using var root = await web.CreateBotAsync("root", "admin");
        using var browser = await web.SignInAsync("root");
        await using var worker = await TestServer.StartAsync([("DATABASE_URL", url), .. google.Quick, ("GOOGLE_CREDS_PATH", google.KeyFile)]);

        using var made = await root.PostAsJsonAsync("/api/v1/sinks", new { spreadsheet = FakeGoogle.Spreadsheet }, Ct);
        var answer = (await made.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
        using var tested = await browser.PostFormAsync($"/admin/sinks/{answer["id"]}/", ("act", "test"));
        google.Meet = call => call == GoogleCall.Change ? Fault.Refused(403, "PERMISSION_DENIED", "The caller does not have permission") : null;
        using var refused = await browser.PostFormAsync($"/admin/sinks/{answer["id"]}/", ("act", "test"));

        Assert.Equal((HttpStatusCode.Created, "teahouse@tea.iam.gserviceaccount.com"), (made.StatusCode, (string?)answer["account"]));
        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.BadRequest), (tested.StatusCode, refused.StatusCode));
        Assert.Contains("PERMISSION_DENIED", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(0, await web.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM sheet_errands"), Ct));
    }

    [Fact]
    public async Task A_worker_that_was_held_up_longer_than_its_lease_moves_nothing()
    {
        await using var google = await FakeGoogle.StartAsync();
        var url = await TestDatabase.CreateAsync();
        (string, string)[] settings = [("DATABASE_URL", url), .. google.Settings];
        await using var site = await TestServer.StartAsync(settings, works: false);
        await SheetServer.AddRoomAsync(site, "plaza");
        var (db, store) = (site.Get<Db>(), site.Get<SinkStore>());
        var id = await db.WriteAsync(session => store.CreateAsync(session, new NewSink { Kind = "test", Name = "t", Config = "{}", CursorId = 0 }), Ct);

        var first = (await store.TakeAsync(id, "one", TimeSpan.FromMilliseconds(1), Ct))!;
        await Eventually.TrueAsync(async () => await store.TakeAsync(id, "two", TimeSpan.FromMinutes(1), Ct) is not null);

        Assert.Null(await store.AdvanceAsync(first, "one", SinkResult.Delivered(10, 1), isSuccess: true, Ct));
        Assert.False(await store.FailAsync(first, "one", SinkResult.Wait(new SinkReason("x")), DateTimeOffset.UnixEpoch, Ct));
        Assert.False(await store.RenewAsync(id, "one", TimeSpan.FromMinutes(1), Ct));
        await Assert.ThrowsAsync<LeaseLostException>(() => store.SaveProgressAsync(first, "one", "{}", Ct));
        Assert.Null(await store.TakeAsync(id, "three", TimeSpan.FromMinutes(1), Ct));
        Assert.NotNull(await store.AdvanceAsync(first, "two", SinkResult.Delivered(10, 1), isSuccess: true, Ct));
        // Its cursor is another one now.
        Assert.Null(await store.AdvanceAsync(first, "two", SinkResult.Delivered(11, 1), isSuccess: true, Ct));
    }

    [Fact]
    public async Task A_message_that_is_committed_after_a_later_one_is_not_passed_over()
    {
        await using var google = await FakeGoogle.StartAsync();
        var url = await TestDatabase.CreateAsync();
        await using var site = await TestServer.StartAsync([("DATABASE_URL", url), .. google.Settings]);
        await SheetServer.AddRoomAsync(site, "plaza");
        await SheetServer.AddRoomAsync(site, "other");
        var first = await SheetTests.FillAsync(site, "plaza", 1);
        await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(first));

        await using var connection = await (await TestDatabase.ClusterAsync()).OpenAsync(url[(url.LastIndexOf('/') + 1)..]);
        await using var held = await connection.BeginTransactionAsync(Ct);
        await using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO messages (room_id, seq, rev, kind, author_name, text, created_at) SELECT id, 1, 1, 'text', 'Mia', 'slow', 1 FROM rooms WHERE name = 'other' RETURNING id";
        var slow = (long)(await insert.ExecuteScalarAsync(Ct))!;
        var later = await SheetTests.FillAsync(site, "plaza", 2);
        Assert.True(slow < later[^1]);
        var settled = new SettledIds(site.Get<Db>(), "messages");
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await settled.FindAsync(Ct) < slow);
        }
        Assert.True(settled.IsWaiting);
        Assert.Equal(first, google.Sheet.Ids());
        await held.CommitAsync(Ct);

        long[] all = [.. later.Append(slow).Order()];
        await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(all), () => Difference(all, google.Sheet.Ids()));
        await settled.FindAsync(Ct);
        Assert.True(await settled.FindAsync(Ct) >= later[^1]);
    }

    [Fact]
    public void Another_worker_takes_over_within_half_a_minute_unless_told_otherwise()
    {
        // A lease that was just renewed, and a look.
        Assert.InRange(Deployment.KnownSettings.Defaults.Sinks.Lease.TotalSeconds + 2, 5, 29);
    }

    private static Task<ProgramProcess> WorkAsync(IEnumerable<(string, string)> settings) => ProgramProcess.ListenAsync(["serve", "--role", "worker"], settings);

    private static async Task SendAsync(Uri address)
    {
        try
        {
            await using var socket = await SocketClient.ConnectAsync(address, "/ws/chat/plaza/");
            // At most what the sheet can be given in time, however quick the disk is.
            for (var i = 0; i < 300; i++)
            {
                await socket.SendAsync(new { message = $"text {i}" });
                await socket.ReceiveAsync();
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException or HttpRequestException)
        {
            // Gone.
        }
    }

    private static string Difference(IReadOnlyList<long> expected, IReadOnlyList<long> found) =>
        $"{expected.Count} expected, {found.Count} found; missing {string.Join(' ', expected.Except(found).Take(20))}; doubled {string.Join(' ', found.GroupBy(id => id).Where(same => same.Count() > 1).Select(same => same.Key).Take(20))}";
}
