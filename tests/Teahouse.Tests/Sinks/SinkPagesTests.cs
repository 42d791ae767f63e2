using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>What administrators see of sinks, and do with them.</summary>
[Trait("Speed", "Medium")]
public sealed class SinkPagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData("/admin/"), InlineData("/admin/sinks/"), InlineData("/admin/sinks/new/"), InlineData("/admin/sinks/1/")]
    public async Task Only_administrators_find_them(string path)
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var server = await TestServer.StartAsync(google.Settings);
        await server.AddUserAsync("root", isAdmin: true);
        using var visitor = server.CreateClient();
        using var alice = await server.SignInAsync("alice");
        using var root = await server.SignInAsync("root");

        using var led = await visitor.GetAsync(new Uri(path, UriKind.Relative), Ct);
        using var hidden = await alice.GetAsync(new Uri(path, UriKind.Relative), Ct);
        using var shown = await root.GetAsync(new Uri(path, UriKind.Relative), Ct);

        Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.NotFound, HttpStatusCode.OK), (led.StatusCode, hidden.StatusCode, shown.StatusCode));
        Assert.StartsWith("/login/", led.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_sink_shows_itself_to_administrators_with_Googles_reason_and_goes_on_when_it_is_resumed()
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Meet = call => call == GoogleCall.Token ? null : Fault.Refused(403, "PERMISSION_DENIED", "The caller does not have permission");
        await using var site = await SheetServer.StartAsync(google);
        using var root = await site.Server.SignInAsync("root", isAdmin: true);
        using var alice = await site.Server.SignInAsync("alice");
        var ids = await SheetTests.FillAsync(site.Server, "plaza", 3);

        await Eventually.TrueAsync(async () => (await root.GetStringAsync(new Uri("/", UriKind.Relative), Ct)).Contains("已暫停", StringComparison.Ordinal));
        Assert.DoesNotContain("已暫停", await alice.GetStringAsync(new Uri("/", UriKind.Relative), Ct), StringComparison.Ordinal);
        var page = await root.GetStringAsync(new Uri("/admin/sinks/", UriKind.Relative), Ct);
        // Once, though it is both why it stands still and what went wrong last.
        Assert.Equal(2, page.Split("403 PERMISSION_DENIED The caller does not have permission").Length);
        Assert.Contains("3 則", page, StringComparison.Ordinal);

        google.Meet = _ => null;
        using var resumed = await root.PostFormAsync("/admin/sinks/", ("act", "resume"), ("sink", "1"));
        Assert.Equal(HttpStatusCode.SeeOther, resumed.StatusCode);
        await site.HasAsync(ids);
        await Eventually.TrueAsync(async () => (await root.GetStringAsync(new Uri("/admin/sinks/", UriKind.Relative), Ct)).Contains("沒有落後", StringComparison.Ordinal));
        Assert.DoesNotContain("已暫停", await root.GetStringAsync(new Uri("/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sinks_are_searched_filtered_and_read_piece_by_piece()
    {
        await using var server = await TestServer.StartAsync(works: false);
        using var root = await server.SignInAsync("root", isAdmin: true);
        await server.Get<Db>().WriteAsync(async session =>
        {
            for (var i = 1; i <= 60; i++)
            {
                var id = await server.Get<SinkStore>().CreateAsync(session, new NewSink { Kind = "sheet", Name = $"sheet-{i:00}", Config = """{"spreadsheet":"s","tab":"t"}""" });
                if (i == 7)
                {
                    await server.Get<SinkStore>().PauseAsync(session, id, SinkReason.ByHand);
                }
            }
        }, Ct);

        var first = await NamesAsync("");
        var second = await NamesAsync("?before=" + (await IdsAsync("")).Min());

        Assert.Equal((50, 10), (first.Count, second.Count));
        Assert.Equal(Enumerable.Range(1, 60).Reverse().Select(i => $"sheet-{i:00}"), [.. first, .. second]);
        Assert.Equal(["sheet-07"], await NamesAsync("?state=paused"));
        Assert.Equal(["sheet-33"], await NamesAsync("?q=SHEET-33&state=running&kind=sheet"));
        Assert.Empty(await NamesAsync("?kind=webhook"));
        Assert.Contains("sheet-07,sheet,paused", await root.GetStringAsync(new Uri("/admin/sinks/?format=csv", UriKind.Relative), Ct), StringComparison.Ordinal);

        async Task<List<string>> NamesAsync(string query) =>
            [.. System.Text.RegularExpressions.Regex.Matches(await root.GetStringAsync(new Uri("/admin/sinks/" + query, UriKind.Relative), Ct), "<h2 id=\"sink-\\d+\"><bdi>([^<]+)</bdi>").Select(match => match.Groups[1].Value)];

        async Task<IEnumerable<long>> IdsAsync(string query) =>
            System.Text.RegularExpressions.Regex.Matches(await root.GetStringAsync(new Uri("/admin/sinks/" + query, UriKind.Relative), Ct), "<h2 id=\"sink-(\\d+)\"").Select(match => long.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_paused_sink_delivers_nothing()
    {
        await using var site = await SheetServer.StartAsync();
        using var root = await site.Server.SignInAsync("root", isAdmin: true);
        var first = await site.SayAsync("one");
        await site.HasAsync(first);

        using var paused = await root.PostFormAsync("/admin/sinks/1/", ("act", "pause"));
        var second = await site.SayAsync("two");
        var sink = (await site.Server.App.Services.GetRequiredService<SinkQueries>().FindAsync(1, Ct))!;
        Assert.Equal((SinkRow.Paused, "by_hand"), (sink.State, sink.Reason));
        Assert.Equal([first], site.Google.Sheet.Ids());

        using var resumed = await root.PostFormAsync("/admin/sinks/1/", ("act", "resume"));
        await site.HasAsync(first, second);
    }

    [Fact]
    public async Task A_sheet_for_one_room_is_added_with_a_key_that_is_never_shown_tested_and_removed()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, .. google.Quick]);
        using var root = await server.SignInAsync("root", isAdmin: true);
        await SheetServer.AddRoomAsync(server, "plaza");
        await SheetServer.AddRoomAsync(server, "other");
        var old = await SheetTests.FillAsync(server, "plaza", 2);

        using var made = await AddAsync(root, google, ("scope", "room"), ("room", "Plaza"), ("from", "beginning"));
        Assert.Equal("/admin/sinks/1/", made.Headers.Location?.OriginalString);
        await SheetTests.FillAsync(server, "other", 2);
        var ids = await SheetTests.FillAsync(server, "plaza", 1);

        await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(ids), () => string.Join(' ', google.Sheet.Ids()));
        Assert.Equal(old, ids[..2]);
        var page = await root.GetStringAsync(new Uri("/admin/sinks/1/", UriKind.Relative), Ct);
        Assert.Contains("teahouse@tea.iam.gserviceaccount.com", page, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", page, StringComparison.Ordinal);
        var config = await server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT config FROM sinks"), Ct);
        Assert.DoesNotContain("PRIVATE", config, StringComparison.Ordinal);

        using var tested = await root.PostFormAsync("/admin/sinks/1/", ("act", "test"));
        Assert.Equal(HttpStatusCode.SeeOther, tested.StatusCode);
        Assert.Contains("測試成功", await root.GetStringAsync(new Uri("/admin/sinks/1/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.Equal(["ChatLogs"], google.Sheet.Tabs());
        Assert.Equal(ids, google.Sheet.Ids());
        google.Meet = call => call == GoogleCall.Write ? Fault.Refused(403, "PERMISSION_DENIED", "The caller does not have permission") : null;
        using var failed = await root.PostFormAsync("/admin/sinks/1/", ("act", "test"));
        Assert.Contains("The caller does not have permission", await failed.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        using var twice = await AddAsync(root, google, ("scope", "all"), ("from", "now"));
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        using var unsure = await root.PostFormAsync("/admin/sinks/1/", ("act", "remove"));
        Assert.Equal(HttpStatusCode.BadRequest, unsure.StatusCode);
        using var removed = await root.PostFormAsync("/admin/sinks/1/", ("act", "remove"), ("confirm", "on"));
        Assert.Equal("/admin/sinks/", removed.Headers.Location?.OriginalString);
        using var gone = await root.GetAsync(new Uri("/admin/sinks/1/", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        var acts = await server.Get<Db>().ReadAsync(session => session.QueryAsync<string>("SELECT action FROM audit_log WHERE action LIKE 'sink%' ORDER BY id"), Ct);
        Assert.Equal(["sink_added", "sink_removed"], acts);
    }

    [Fact]
    public async Task From_now_on_means_without_what_was_said_before()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, .. google.Quick]);
        using var root = await server.SignInAsync("root", isAdmin: true);
        await SheetServer.AddRoomAsync(server, "plaza");
        await SheetTests.FillAsync(server, "plaza", 3);

        using var made = await AddAsync(root, google, ("scope", "all"), ("from", "now"));
        Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
        var ids = await SheetTests.FillAsync(server, "plaza", 2);

        await Eventually.TrueAsync(() => google.Sheet.Ids().SequenceEqual(ids[3..]), () => string.Join(' ', google.Sheet.Ids()));
    }

    [Fact]
    public async Task Set_back_to_the_beginning_it_writes_what_is_missing_and_nothing_twice()
    {
        await using var site = await SheetServer.StartAsync();
        using var root = await site.Server.SignInAsync("root", isAdmin: true);
        var ids = await SheetTests.FillAsync(site.Server, "plaza", 5);
        await site.HasAsync(ids);

        using var unsure = await root.PostFormAsync("/admin/sinks/1/", ("act", "reset"), ("to", "beginning"));
        Assert.Equal(HttpStatusCode.BadRequest, unsure.StatusCode);
        using var same = await root.PostFormAsync("/admin/sinks/1/", ("act", "reset"), ("to", "beginning"), ("confirm", "on"));
        Assert.Equal(HttpStatusCode.SeeOther, same.StatusCode);
        var next = await site.SayAsync("next");
        await site.HasAsync([.. ids, next]);
        site.Google.Sheet.DeleteRows("ChatLogs", 1, 6);
        using var anew = await root.PostFormAsync("/admin/sinks/1/", ("act", "reset"), ("to", "after"), ("after", $"{ids[1]}"), ("confirm", "on"));
        await site.HasAsync([.. ids[2..], next]);

        using var settings = await root.PostFormAsync("/admin/sinks/1/", ("act", "remove"), ("confirm", "on"));
        Assert.Equal(HttpStatusCode.Conflict, settings.StatusCode);
    }

    [Theory]
    [InlineData("spreadsheet", "https://example.org/")]
    [InlineData("room", "nowhere")]
    [InlineData("key", "{}")]
    [InlineData("key", "{\"client_email\":\"a@b\",\"private_key\":\"x\",\"token_uri\":\"http://169.254.169.254/\"}")]
    public async Task What_cannot_be_is_refused_at_its_field(string field, string value)
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var server = await TestServer.StartAsync(google.Quick);
        using var root = await server.SignInAsync("root", isAdmin: true);

        using var refused = await AddAsync(root, google, ("scope", field == "room" ? "room" : "all"), (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("field-error", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Empty(await server.App.Services.GetRequiredService<SinkQueries>().ListAsync(Ct));
    }

    private static async Task<HttpResponseMessage> AddAsync(HttpClient root, FakeGoogle google, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        var given = fields.ToDictionary(field => field.Name, field => field.Value);
        given.TryAdd("spreadsheet", $"https://docs.google.com/spreadsheets/d/{FakeGoogle.Spreadsheet}/edit#gid=0");
        given.TryAdd("tab", "ChatLogs");
        foreach (var (name, value) in given.Where(field => field.Key != "key"))
        {
            form.Add(new StringContent(value), name);
        }
        var file = new StringContent(given.GetValueOrDefault("key") ?? google.KeyJson());
        file.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        form.Add(file, "key", "creds.json");
        form.Add(new StringContent(await root.GetTokenAsync("/admin/sinks/new/")), "csrfmiddlewaretoken");
        return await root.PostAsync(new Uri("/admin/sinks/new/", UriKind.Relative), form, Ct);
    }
}
