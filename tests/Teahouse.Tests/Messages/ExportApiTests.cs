using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Messages;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Speed", "Medium")]
public sealed class ExportApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_history_comes_whole_and_in_order_in_both_formats()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        using var bot = await PrepareAsync(server);
        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 60).Select(j => SayAsync(bot, $"m{i}-{j}")));
        }

        using var csv = await bot.GetAsync("/api/v1/rooms/den/export?format=csv", Ct);
        var lines = (await csv.Content.ReadAsStringAsync(Ct)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var jsonl = (await bot.GetStringAsync("/api/v1/rooms/den/export?format=jsonl", Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        Assert.Equal("den.csv", csv.Content.Headers.ContentDisposition?.FileNameStar);
        Assert.Equal("seq,time,room,username,message,id,kind,guest,bot,edited_at,deleted", lines[0]);
        Assert.Equal(Enumerable.Range(1, 1201), lines.Skip(1).Select(line => int.Parse(line.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(Enumerable.Range(1, 1201), jsonl.Select(line => (int)JsonNode.Parse(line)!["seq"]!));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("  =1+1", "'  =1+1")]
    [InlineData("+886", "'+886")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("＝1", "'＝1")]
    [InlineData("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"")]
    [InlineData("00123", "00123")]
    [InlineData("", "")]
    public void A_cell_is_text_whatever_it_holds(string text, string cell) => Assert.Equal(cell, CsvRows.Cell(text));

    [Fact]
    public async Task A_long_text_of_characters_beyond_the_first_plane_comes_whole()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        // One of each parity: wherever a buffer ends, it ends inside a character of one of them.
        string[] texts = [string.Concat(Enumerable.Repeat("🍵", 8000)), "x" + string.Concat(Enumerable.Repeat("🍵", 7999))];
        foreach (var text in texts)
        {
            await SayAsync(bot, text);
        }

        var csv = await bot.GetStringAsync("/api/v1/rooms/den/export?format=csv", Ct);

        Assert.All(texts, text => Assert.Contains($",{text},", csv, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_mark_for_spreadsheets_comes_only_when_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);

        Assert.Equal((byte)'s', (await bot.GetByteArrayAsync("/api/v1/rooms/den/export?format=csv", Ct))[0]);
        Assert.Equal((byte[])[0xEF, 0xBB, 0xBF], (await bot.GetByteArrayAsync("/api/v1/rooms/den/export?format=csv&bom=true", Ct))[..3]);
    }

    [Fact]
    public async Task A_token_revoked_meanwhile_cuts_the_file_short()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        using var bot = await PrepareAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => SayAsync(bot, new string('x', 8000))));
        var (id, text) = await server.AddTokenAsync("alice", "read");
        using var reader = server.CreateBearer(text);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = ListenForTheEnd(server, ended);
        using var response = await reader.GetAsync("/api/v1/rooms/den/export?format=jsonl", HttpCompletionOption.ResponseHeadersRead, Ct);
        await using var body = await response.Content.ReadAsStreamAsync(Ct);
        var buffer = new byte[1000];
        await body.ReadExactlyAsync(buffer, Ct);

        await server.Get<TokenStore>().RevokeAsync((await server.Get<AccountQueries>().FindByKeyAsync("alice", Ct))!.Id, id, Caller.Shell, Ct);

        // Nobody reads: the server must notice by itself. What was on its way may still arrive, the end does not.
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await body.ReadAsync(buffer, Ct) > 0)
            {
            }
        });
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("?format=xml", 400)]
    [InlineData("?format=csv&bom=x", 400)]
    public async Task A_format_must_be_named(string query, int status)
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);

        using var response = await bot.GetAsync($"/api/v1/rooms/den/export{query}", Ct);

        Assert.Equal(status, (int)response.StatusCode);
    }

    /// <summary>Hears when the server is done with an export, which whoever gets the file cannot see before having read what is on its way.</summary>
    private static MeterListener ListenForTheEnd(TestServer server, TaskCompletionSource ended)
    {
        var meters = server.Get<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Of this server: others run in this process.
                if (instrument.Name == "http.server.request.duration" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == "http.route" && value is string route && route.EndsWith("/export", StringComparison.Ordinal))
                {
                    ended.TrySetResult();
                }
            }
        });
        listener.Start();
        return listener;
    }

    private static async Task<HttpClient> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        return await server.CreateBotAsync("alice");
    }

    private static async Task SayAsync(HttpClient client, string text)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = text }, Ct);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }
}
