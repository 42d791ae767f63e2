using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>Messages in a Google Sheet: each once, in order, as text.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class SheetTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>As many messages as that, without going through the door.</summary>
    public static async Task<long[]> FillAsync(TestServer server, string room, int count) => [.. await server.Get<Db>().WriteAsync(async session =>
    {
        await session.ExecuteAsync("""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
            INSERT INTO messages (room_id, seq, rev, kind, author_name, text, created_at)
            SELECT r.id, r.last_seq + n.i, r.rev + n.i, 'text', 'Mia', 'text ' || n.i, 1700000000000 + n.i
            FROM rooms r CROSS JOIN n
            WHERE r.name = @room
            ORDER BY n.i
            """, new { room, count });
        await session.ExecuteAsync("UPDATE rooms SET rev = rev + @count, last_seq = last_seq + @count WHERE name = @room", new { room, count });
        return await session.QueryAsync<long>("SELECT m.id FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.name = @room ORDER BY m.seq", new { room });
    }, Ct)];

    [Fact]
    public async Task Every_message_of_every_room_becomes_a_row_of_time_room_username_message_and_id()
    {
        await using var site = await SheetServer.StartAsync(settings: [("TIME_ZONE", "Asia/Taipei")]);
        await SheetServer.AddRoomAsync(site.Server, "私室");

        var first = await site.SayAsync("你好");
        var second = await site.SayAsync("secret", "私室");

        await site.HasAsync(first, second);
        var rows = site.Google.Sheet.Rows();
        Assert.Equal(["plaza", "alice", "你好", first], rows[0].Cells[1..5]);
        Assert.Equal(["私室", "alice", "secret", second], rows[1].Cells[1..5]);
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", (string)rows[0].Cells[0]!);
        var said = await site.Bot.GetStringAsync(new Uri("/api/v1/rooms/plaza/messages", UriKind.Relative), Ct);
        Assert.Contains($"\"time\":\"{rows[0].Cells[0]}\"", said, StringComparison.Ordinal);
        Assert.Equal(0, site.Google.Count(GoogleCall.Append));
    }

    [Fact]
    public async Task Text_stays_text()
    {
        await using var site = await SheetServer.StartAsync(settings: [("LIMIT_MESSAGE_CHARS", "0"), ("LIMIT_BODY_BYTES", "0")]);
        string[] texts =
        [
            "=IMPORTXML(\"http://a.example\",\"//a\")", "+1", "-2+3", "@x", "00123", "1/2", "TRUE", "'quoted", "=1\n=2\ttab", "👩‍👩‍👧 🍵 e\u0301 \u202Eabc", new string('長', 50_000), "1E5", "#REF!", "null",
        ];

        List<long> ids = [];
        foreach (var text in texts)
        {
            ids.Add(await site.SayAsync(text));
        }
        var tooLong = await site.SayAsync(new string('x', 49_998) + "🍵🍵");

        await site.HasAsync([.. ids, tooLong]);
        Assert.Equal(texts, site.Google.Sheet.Rows().Take(texts.Length).Select(row => (string?)row.Cells[3]));
        // Google's cells end there: cut between characters, and it shows.
        Assert.Equal(new string('x', 49_998) + "…", (string?)site.Google.Sheet.Rows()[^1].Cells[3]);
    }

    [Fact]
    public async Task Ten_thousand_messages_take_at_most_twenty_five_calls()
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Meet = _ => Fault.Refused(503, "UNAVAILABLE", "later");
        // A write of 500 rows that is given up because the machine is busy would be counted twice.
        await using var site = await SheetServer.StartAsync(google, [("GOOGLE_TIMEOUT_SECONDS", "30")]);
        var ids = await FillAsync(site.Server, "plaza", 10_000);
        var since = google.Calls.Count;
        google.Meet = _ => null;

        await site.HasAsync(ids);

        // The last look at what was written comes some seconds later; it is one more.
        Assert.InRange(google.Calls.Skip(since).Count(call => call is not (GoogleCall.Token or GoogleCall.Append)), 20, 24);
        Assert.Equal(0, google.Count(GoogleCall.Append));
    }

    [Fact]
    public async Task It_begins_with_what_was_said_before_and_goes_on_below_what_stands_there()
    {
        await using var google = await FakeGoogle.StartAsync();
        // Of the older system: no ids.
        google.Sheet.Type("ChatLogs", 1, 1, "時間");
        google.Sheet.Type("ChatLogs", 2, 4, "old message");
        google.Meet = _ => Fault.Cut();
        await using var site = await SheetServer.StartAsync(google);
        var ids = await FillAsync(site.Server, "plaza", 5);

        google.Meet = _ => null;

        await site.HasAsync(ids);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], google.Sheet.Rows().Select(row => row.Row));
        Assert.Equal("old message", google.Sheet.Rows()[1].Cells[3]);
    }

    [Fact]
    public async Task A_message_that_was_deleted_before_leaves_its_row_without_its_text()
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Meet = _ => Fault.Cut();
        await using var site = await SheetServer.StartAsync(google);
        var id = await site.SayAsync("regret");
        await site.Server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE messages SET deleted_at = 1 WHERE id = @id", new { id }), Ct);
        // The try under way may have read the message before; the one after it has not.
        var tries = 0;
        google.Meet = _ =>
        {
            Interlocked.Increment(ref tries);
            return Fault.Cut();
        };
        await Eventually.TrueAsync(() => Volatile.Read(ref tries) > 1);

        google.Meet = _ => null;

        await site.HasAsync(id);
        Assert.Null(google.Sheet.Rows()[0].Cells[3]);
    }

    [Fact]
    public async Task What_a_person_edits_moves_or_writes_below_stays()
    {
        await using var site = await SheetServer.StartAsync();
        List<long> ids = [await site.SayAsync("one"), await site.SayAsync("two")];
        await site.HasAsync(ids);

        site.Google.Sheet.Type("ChatLogs", 1, 4, "edited");
        site.Google.Sheet.InsertRows("ChatLogs", 1, 3);
        site.Google.Sheet.Type("ChatLogs", 1, 1, "a heading");
        site.Google.Sheet.Type("ChatLogs", 6, 2, "a note below");
        ids.Add(await site.SayAsync("three"));

        await site.HasAsync(ids);
        site.Google.Sheet.DeleteRows("ChatLogs", 4, 1);
        ids.Add(await site.SayAsync("four"));
        await site.HasAsync(ids[1..]);
        var rows = site.Google.Sheet.Rows();
        Assert.Equal(["a heading", "two", "a note below", "three", "four"], rows.Select(row => row.Cells[0] is "a heading" ? "a heading" : row.Cells[1] is "a note below" ? "a note below" : row.Cells[3]));
    }

    [Fact]
    public async Task A_number_of_a_persons_own_below_the_ids_is_not_taken_for_one()
    {
        await using var site = await SheetServer.StartAsync();
        var first = await site.SayAsync("one");
        await site.HasAsync(first);

        site.Google.Sheet.Type("ChatLogs", 2, 5, 999_999L);
        var second = await site.SayAsync("two");

        await site.HasAsync(first, 999_999, second);
    }

    [Fact]
    public async Task The_grid_is_grown_first_also_when_somebody_has_made_it_smaller()
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Sheet.Resize("ChatLogs", 3, 2);
        await using var site = await SheetServer.StartAsync(google);

        List<long> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await site.SayAsync($"text {i}"));
        }
        await site.HasAsync(ids);
        google.Sheet.Resize("ChatLogs", 5, 5);
        ids.Add(await site.SayAsync("one more"));

        await site.HasAsync(ids);
    }

    [Fact]
    public async Task A_full_tab_goes_on_in_another()
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Sheet.Resize("ChatLogs", 4, 5);
        google.Sheet.MaxCells = 20;
        await using var site = await SheetServer.StartAsync(google, [("GOOGLE_ROWS_PER_CALL", "3")]);
        var ids = await FillAsync(site.Server, "plaza", 10);

        await site.HasAsync(ids);
        Assert.Equal(["ChatLogs", "ChatLogs 2"], google.Sheet.Tabs());
        Assert.Equal(ids[..4], google.Sheet.Rows().Select(row => (long)row.Cells[4]!));
        Assert.Equal(ids[4..], google.Sheet.Rows("ChatLogs 2").Select(row => (long)row.Cells[4]!));
        var next = await site.SayAsync("later");
        await site.HasAsync([.. ids, next]);
    }

    [Fact]
    public async Task A_database_that_knows_less_than_the_sheet_writes_nothing_twice()
    {
        await using var site = await SheetServer.StartAsync();
        var ids = await FillAsync(site.Server, "plaza", 7);
        await site.HasAsync(ids);

        await site.Server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE sinks SET cursor_id = 0, progress = NULL"), Ct);
        var next = await site.SayAsync("new");

        await site.HasAsync([.. ids, next]);
    }

    [Fact]
    public async Task Nobody_who_chats_notices_that_Google_is_away()
    {
        await using var google = await FakeGoogle.StartAsync();
        var never = new TaskCompletionSource();
        google.Meet = _ => Fault.Until(never.Task);
        await using var site = await SheetServer.StartAsync(google);

        await using var socket = await SocketClient.ConnectAsync(site.Server.Address, "/ws/chat/plaza/");
        for (var i = 0; i < 50; i++)
        {
            await socket.SendAsync(new { message = $"text {i}" });
            Assert.Equal($"text {i}", (string?)(await socket.ReceiveAsync())["message"]);
        }
        Assert.Empty(google.Sheet.Ids());
        never.SetResult();
        google.Meet = _ => null;

        await Eventually.TrueAsync(() => google.Sheet.Rows().Select(row => row.Cells[3]).SequenceEqual(Enumerable.Range(0, 50).Select(i => $"text {i}")));
    }
}
