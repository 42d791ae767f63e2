using Microsoft.Extensions.DependencyInjection;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>Whatever Google and the network do: every message stands in the sheet, once, in order.</summary>
[Trait("Speed", "Medium")]
public sealed class SheetFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, int?> Passing => new()
    {
        { "quota", null }, { "quota", 1 }, { "500", null }, { "503", 1 }, { "cut", null }, { "lost", null }, { "slow", null }, { "html", null }, { "409", null },
    };

    [Theory, MemberData(nameof(Passing))]
    public async Task What_passes_is_waited_for(string what, int? retryAfter)
    {
        await using var google = await FakeGoogle.StartAsync();
        // Only who is slow is to be found so: a busy machine is, too, and what it did would be taken for what Google says.
        await using var site = await SheetServer.StartAsync(google, [("GOOGLE_TIMEOUT_SECONDS", what == "slow" ? "0.5" : "30")]);
        var first = await site.SayAsync("before");
        await site.HasAsync(first);
        var left = 2;
        var never = new TaskCompletionSource();
        DateTimeOffset refusedAt = default;
        DateTimeOffset askedAgainAt = default;
        google.Meet = call =>
        {
            if (call != GoogleCall.Write || left-- <= 0)
            {
                return null;
            }
            askedAgainAt = refusedAt != default && askedAgainAt == default ? DateTimeOffset.UtcNow : askedAgainAt;
            refusedAt = refusedAt == default ? DateTimeOffset.UtcNow : refusedAt;
            return what switch
            {
                "quota" => Fault.Quota(retryAfter),
                "500" => Fault.Refused(500, "INTERNAL", "Internal error encountered."),
                "409" => Fault.Refused(409, "ABORTED", "The operation was aborted."),
                "503" => Fault.Refused(503, "UNAVAILABLE", "The service is currently unavailable.", retryAfter),
                "cut" => Fault.Cut(),
                "lost" => Fault.AnswerLost(),
                "slow" => Fault.Until(never.Task),
                _ => Fault.Refused(502, "", "<html>"),
            };
        };

        var second = await site.SayAsync("after");

        await site.HasAsync(first, second);
        never.TrySetResult();
        if (retryAfter is { } seconds)
        {
            Assert.True(askedAgainAt - refusedAt >= TimeSpan.FromSeconds(seconds * 0.9), $"asked again after {askedAgainAt - refusedAt}");
        }
        var third = await site.SayAsync("later");
        await site.HasAsync(first, second, third);
    }

    [Theory, InlineData(1), InlineData(3), InlineData(9)]
    public async Task A_call_that_lands_after_its_repeat_does_no_harm(int rows)
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await SheetServer.StartAsync(google, [("GOOGLE_ROWS_PER_CALL", "4")]);
        var before = await SheetTests.FillAsync(site.Server, "plaza", 5);
        await site.HasAsync(before);
        var (release, arrived) = (new TaskCompletionSource(), new TaskCompletionSource());
        var late = Fault.Late(release.Task, arrived);
        google.Meet = call => call == GoogleCall.Write ? Interlocked.Exchange(ref late, null!) : null;

        var ids = await SheetTests.FillAsync(site.Server, "plaza", rows);
        await site.HasAsync(ids);
        google.Sheet.Type("ChatLogs", 2, 4, "edited");
        release.SetResult();
        await arrived.Task.WaitAsync(Ct);

        Assert.Equal(ids, google.Sheet.Ids());
        var next = await site.SayAsync("next");
        await site.HasAsync([.. ids, next]);
        Assert.Equal("edited", google.Sheet.Rows()[1].Cells[3]);
    }

    [Theory, InlineData(1, 1), InlineData(3, 2), InlineData(2, 5)]
    public async Task Rows_inserted_between_a_call_and_its_repeat_are_put_right_when_it_lands_late(int rows, int inserted)
    {
        var clock = new ShiftedClock();
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await SheetServer.StartAsync(google, clock: clock);
        var before = await SheetTests.FillAsync(site.Server, "plaza", 8);
        await site.HasAsync(before);
        var (release, arrived) = (new TaskCompletionSource(), new TaskCompletionSource());
        var late = Fault.Late(release.Task, arrived);
        google.Meet = call =>
        {
            if (call != GoogleCall.Write || Interlocked.Exchange(ref late, null!) is not { } fault)
            {
                return null;
            }
            google.Sheet.InsertRows("ChatLogs", 2, inserted);
            google.Sheet.Type("ChatLogs", 2, 1, "a person's");
            return fault;
        };

        var ids = await SheetTests.FillAsync(site.Server, "plaza", rows);
        await site.HasAsync(ids);
        release.SetResult();
        await arrived.Task.WaitAsync(Ct);
        Assert.NotEqual(ids, google.Sheet.Ids());
        clock.Offset += TimeSpan.FromSeconds(11);

        await site.HasAsync(clock, ids);
        Assert.Equal("a person's", google.Sheet.Rows()[1].Cells[0]);
        clock.Offset += TimeSpan.FromSeconds(200);
        var next = await site.SayAsync("next");
        await site.HasAsync([.. ids, next]);
    }

    [Theory, InlineData(1, 1), InlineData(4, 2), InlineData(2, 6)]
    public async Task Rows_inserted_while_a_call_is_under_way_are_put_right(int rows, int inserted)
    {
        var clock = new ShiftedClock();
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await SheetServer.StartAsync(google, clock: clock);
        var before = await SheetTests.FillAsync(site.Server, "plaza", 8);
        await site.HasAsync(before);
        var isFirst = 1;
        google.Meet = call =>
        {
            if (call == GoogleCall.Write && Interlocked.Exchange(ref isFirst, 0) == 1)
            {
                // The row was counted; this moves it.
                google.Sheet.InsertRows("ChatLogs", 1, inserted);
            }
            return null;
        };

        var ids = await SheetTests.FillAsync(site.Server, "plaza", rows);
        await Eventually.TrueAsync(() => google.Sheet.Ids().Contains(ids[^1]));
        Assert.NotEqual(ids, google.Sheet.Ids());
        clock.Offset += TimeSpan.FromSeconds(11);

        await site.HasAsync(clock, ids);
        var next = await site.SayAsync("next");
        await site.HasAsync([.. ids, next]);
    }

    [Fact]
    public async Task Rows_that_a_person_deletes_stay_deleted()
    {
        var clock = new ShiftedClock();
        await using var site = await SheetServer.StartAsync(clock: clock);
        var ids = await SheetTests.FillAsync(site.Server, "plaza", 6);
        await site.HasAsync(ids);

        site.Google.Sheet.DeleteRows("ChatLogs", 3, 2);
        var calls = site.Google.Count(GoogleCall.Read);
        clock.Offset += TimeSpan.FromSeconds(11);
        await Eventually.TrueAsync(() => site.Google.Count(GoogleCall.Read) > calls);
        var next = await site.SayAsync("next");

        await site.HasAsync([.. ids[..2], .. ids[4..], next]);
    }

    [Fact]
    public async Task A_room_deleted_between_a_call_and_its_repeat_changes_no_rows_meaning()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await SheetServer.StartAsync(google);
        await SheetServer.AddRoomAsync(site.Server, "short");
        var one = await site.SayAsync("one");
        await site.HasAsync(one);
        var (release, arrived) = (new TaskCompletionSource(), new TaskCompletionSource());
        var late = Fault.Late(release.Task, arrived);
        var isHeld = true;
        google.Meet = call => call != GoogleCall.Write ? (late is null && isHeld ? Fault.Cut() : null) : Interlocked.Exchange(ref late, null!);
        var ids = await site.Server.Get<Db>().WriteAsync(async session =>
        {
            List<long> made = [];
            foreach (var room in (string[])["plaza", "short", "plaza"])
            {
                made.Add(await session.GetAsync<long>("""
                    INSERT INTO messages (room_id, seq, rev, kind, author_name, text, created_at)
                    SELECT r.id, r.last_seq + @number, r.rev + @number, 'text', 'Mia', 'x', 1 FROM rooms r WHERE r.name = @room RETURNING id
                    """, new { room, number = 100 + made.Count }));
            }
            return made;
        }, Ct);
        await Eventually.TrueAsync(() => late is null);

        await site.Server.Get<Db>().WriteAsync(session => session.ExecuteAsync("DELETE FROM rooms WHERE name = 'short'"), Ct);
        isHeld = false;
        await site.HasAsync([one, .. ids]);
        release.SetResult();
        await arrived.Task.WaitAsync(Ct);

        Assert.Equal([one, .. ids], google.Sheet.Ids());
    }

    [Theory]
    [InlineData(400, "INVALID_ARGUMENT", "Unable to parse range")]
    [InlineData(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")]
    [InlineData(403, "PERMISSION_DENIED", "The caller does not have permission")]
    [InlineData(404, "NOT_FOUND", "Requested entity was not found.")]
    public async Task What_does_not_pass_by_itself_pauses_with_Googles_reason_until_it_is_resumed(int status, string word, string reason)
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Meet = call => call == GoogleCall.Token ? null : Fault.Refused(status, word, reason);
        await using var site = await SheetServer.StartAsync(google);
        var id = await site.SayAsync("held");
        var sink = await StateAsync(site.Server, SinkRow.Paused);

        Assert.Equal($"google: {status} {word} {reason}", sink.Reason);
        var calls = google.Calls.Count;
        var next = await site.SayAsync("held too");
        google.Meet = _ => null;
        Assert.Equal(calls, google.Calls.Count);
        await site.Server.Get<Db>().WriteAsync(session => site.Server.Get<SinkStore>().ResumeAsync(session, sink.Id), Ct);

        await site.HasAsync(id, next);
    }

    [Fact]
    public async Task A_tab_that_is_not_there_pauses_with_Googles_reason()
    {
        await using var site = await SheetServer.StartAsync(settings: [("GOOGLE_SHEET_NAME", "It's not there")]);
        await site.SayAsync("held");

        var sink = await StateAsync(site.Server, SinkRow.Paused);

        Assert.StartsWith("google: 400 INVALID_ARGUMENT Unable to parse range: 'It''s not there'!A1", sink.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_assertion_pauses_with_Googles_reason()
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Meet = call => call == GoogleCall.Token ? Fault.Refused(400, "invalid_grant", "Invalid JWT Signature.") : null;
        await using var site = await SheetServer.StartAsync(google);
        await site.SayAsync("held");

        var sink = await StateAsync(site.Server, SinkRow.Paused);

        Assert.Equal("google: 400 invalid_grant: Invalid JWT Signature.", sink.Reason);
    }

    [Theory, InlineData(null), InlineData("not a key"), InlineData("{}")]
    public async Task Without_a_key_it_is_paused_the_site_runs_and_a_start_with_one_goes_on(string? content)
    {
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using var google = await FakeGoogle.StartAsync();
        var key = Path.Combine(data, "creds.json");
        if (content is not null)
        {
            await File.WriteAllTextAsync(key, content, Ct);
        }
        long id;
        await using (var server = await TestServer.StartAsync([.. google.Settings, ("GOOGLE_CREDS_PATH", key), ("Logging:LogLevel:Teahouse.Sinks", "None")], data))
        {
            await SheetServer.AddRoomAsync(server, "plaza");
            using var bot = await server.CreateBotAsync("alice");
            id = (await SheetTests.FillAsync(server, "plaza", 1))[0];
            var sink = await StateAsync(server, SinkRow.Paused);
            Assert.StartsWith(content is null ? "key_missing" : "key_unreadable", sink.Reason, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(key, google.KeyJson(), Ct);
        await using (var site = await SheetServer.StartAsync(google, [("GOOGLE_CREDS_PATH", key)], data))
        {
            await site.HasAsync(id);
        }
        Directory.Delete(data, recursive: true);
    }

    private static async Task<SinkRow> StateAsync(TestServer server, string state)
    {
        SinkRow? sink = null;
        await Eventually.TrueAsync(async () => (sink = await server.App.Services.GetRequiredService<SinkQueries>().FindByOriginAsync(SinkRow.SettingsOrigin, Ct))?.State == state, () => $"{sink}");
        return sink!;
    }
}
