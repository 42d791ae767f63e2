using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Transport", "Any")]
public sealed partial class RoomPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_reads_and_writes_without_scripts()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        var empty = await client.GetStringAsync("/chat/茶亭/?username=路人", Ct);

        var posted = await client.PostAsync("/chat/茶亭/", Form(empty, "大家好"), Ct);
        var page = await client.GetStringAsync(posted.Headers.Location, Ct);

        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        Assert.Contains("還沒有訊息", empty, StringComparison.Ordinal);
        var row = Assert.Single(Rows(page));
        Assert.Contains("data-author=\"路人\"", row, StringComparison.Ordinal);
        Assert.Contains("data-guest=\"true\"", row, StringComparison.Ordinal);
        Assert.Contains("msg-own", row, StringComparison.Ordinal);
        Assert.Contains("<bdi data-slot=\"name\">路人</bdi>", row, StringComparison.Ordinal);
        Assert.Contains(">大家好</div>", row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_guests_of_one_nickname_are_two_people()
    {
        await using var server = await TestServer.StartAsync();
        using var first = server.CreateClient();
        using var second = server.CreateClient();
        await first.PostAsync("/chat/茶亭/", Form(await first.GetStringAsync("/chat/茶亭/?username=Mei", Ct), "我是第一個"), Ct);
        await second.PostAsync("/chat/茶亭/", Form(await second.GetStringAsync("/chat/茶亭/?username=Mei", Ct), "我是第二個"), Ct);

        var rows = Rows(await second.GetStringAsync("/chat/茶亭/", Ct)).ToList();
        var messages = JsonNode.Parse(await second.GetStringAsync("/api/v1/rooms/茶亭/messages", Ct))!["messages"]!.AsArray();

        Assert.DoesNotContain("msg-own", rows[0], StringComparison.Ordinal);
        Assert.Contains("msg-own", rows[1], StringComparison.Ordinal);
        // Not one group either.
        Assert.Contains("msg-first", rows[1], StringComparison.Ordinal);
        var ids = messages.Select(message => (string?)message!["guest_id"]).ToList();
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{16}$", id));
        Assert.NotEqual(ids[0], ids[1]);
        Assert.Contains($"data-me-guest-id=\"{ids[1]}\"", await second.GetStringAsync("/chat/茶亭/", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_scripts_a_member_marks_what_the_page_shows_as_read()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("tea", "members");
        await bob.PostFormAsync("/room/tea/", ("content", "here"));
        await alice.PostFormAsync("/room/tea/", ("content", "one"));
        await alice.PostFormAsync("/room/tea/", ("content", "two"));
        Assert.Contains("data-unread=\"2\"", await bob.GetStringAsync("/", Ct), StringComparison.Ordinal);
        var page = await bob.GetStringAsync("/room/tea/", Ct);

        var marked = await bob.PostFormAsync("/room/tea/", ("act", "read"), ("seen", Seen(page)));

        Assert.Equal(HttpStatusCode.SeeOther, marked.StatusCode);
        Assert.Contains("data-unread=\"0\"", await bob.GetStringAsync("/", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"read\"", await bob.GetStringAsync("/room/tea/", Ct), StringComparison.Ordinal);

        // Who answers has read what stands above.
        await alice.PostFormAsync("/room/tea/", ("content", "three"));
        await bob.PostFormAsync("/room/tea/", ("content", "four"), ("seen", Seen(await bob.GetStringAsync("/room/tea/", Ct))));
        Assert.Contains("data-unread=\"0\"", await bob.GetStringAsync("/", Ct), StringComparison.Ordinal);

        static string Seen(string page) => Regex.Match(page, "name=\"seen\" value=\"(\\d+)\"").Groups[1].Value;
    }

    [Fact]
    public async Task Opening_a_name_nobody_used_makes_no_room()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();

        var opened = await client.GetAsync("/chat/nobody-was-here/", Ct);
        var room = await client.GetAsync("/room/nobody-was-here/", Ct);

        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.StartsWith("/login/?next=", room.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_is_text()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        const string Hostile = "<img src=x onerror=alert(1)> & \"quoted\" javascript:alert(1)";

        await client.PostAsync("/chat/r/", Form(await client.GetStringAsync("/chat/r/?username=x", Ct), Hostile), Ct);
        var row = Assert.Single(Rows(await client.GetStringAsync("/chat/r/", Ct)));

        Assert.DoesNotContain("<img", row, StringComparison.Ordinal);
        Assert.Contains(Hostile, WebUtility.HtmlDecode(row), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_text_stays_in_the_field_with_the_reason()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGE_CHARS", "5")]);
        using var client = server.CreateClient();
        var page = await client.GetStringAsync("/chat/r/?username=x", Ct);

        var refused = await client.PostAsync("/chat/r/", Form(page, "太長太長太長"), Ct);
        var shown = await refused.Content.ReadAsStringAsync(Ct);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(">太長太長太長</textarea>", shown, StringComparison.Ordinal);
        Assert.Contains("訊息太長，最多 5 個字。", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_posts_twice_with_one_nonce_gets_the_first_message()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        var page = await client.GetStringAsync("/chat/r/?username=x", Ct);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

        var first = await PostAsync("hello");
        var second = await PostAsync("hello");

        Assert.Equal((long?)first["id"], (long?)second["id"]);
        Assert.Equal(1, (long?)second["seq"]);

        async Task<JsonNode> PostAsync(string text)
        {
            var answer = await client.PostAsync("/chat/r/", Form(page, text, nonce: "n1"), Ct);
            answer.EnsureSuccessStatusCode();
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        }
    }

    [Fact]
    public async Task History_is_paged_by_links_without_scripts()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")]);
        using var client = server.CreateClient();
        var form = await client.GetStringAsync("/chat/r/?username=x", Ct);
        for (var i = 1; i <= 60; i++)
        {
            await client.PostAsync("/chat/r/", Form(form, $"第 {i} 則", nonce: $"n{i}"), Ct);
        }

        var latest = Seqs(await client.GetStringAsync("/chat/r/", Ct));
        var older = Seqs(await client.GetStringAsync("/chat/r/?before=11", Ct));
        var around = Seqs(await client.GetStringAsync("/chat/r/?at=20", Ct));

        Assert.Equal(Enumerable.Range(11, 50), latest);
        Assert.Equal(Enumerable.Range(1, 10), older);
        Assert.Contains(20, around);
    }

    [Fact]
    public async Task One_markup_serves_history_and_the_script()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();
        await client.PostAsync("/chat/r/", Form(await client.GetStringAsync("/chat/r/?username=x", Ct), "hello"), Ct);

        var page = await client.GetStringAsync("/chat/r/", Ct);
        var template = TemplatePattern().Match(page).Value;

        Assert.Equal(Slots(Assert.Single(Rows(page))), Slots(template));
        static IEnumerable<string> Slots(string html) => SlotPattern().Matches(html).Select(match => match.Groups[1].Value);
    }

    [Fact]
    public async Task A_signed_in_reader_alone_enters_a_room_that_is_not_for_guests()
    {
        await using var server = await TestServer.StartAsync([("GUESTS", "off")]);
        using var client = server.CreateClient();

        var answer = await client.GetAsync("/chat/lobby/", Ct);

        Assert.StartsWith("/login/?next=", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    private static FormUrlEncodedContent Form(string page, string content, string nonce = "") => new(
    [
        new("content", content),
        new("nonce", nonce),
        new("csrfmiddlewaretoken", TokenPattern().Match(page).Groups[1].Value),
    ]);

    /// <summary>The messages of the history, without the empty one of the template.</summary>
    private static List<string> Rows(string page) =>
        [.. RowPattern().Matches(TemplatePattern().Replace(page, "")).Select(match => match.Value)];

    private static IEnumerable<int> Seqs(string page) =>
        Rows(page).Select(row => int.Parse(SeqPattern().Match(row).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex("""<li class="msg.*?</li>""", RegexOptions.Singleline)]
    private static partial Regex RowPattern();

    [GeneratedRegex("""<template id="message-template">.*?</template>""", RegexOptions.Singleline)]
    private static partial Regex TemplatePattern();

    [GeneratedRegex("data-slot=\"(\\w+)\"")]
    private static partial Regex SlotPattern();

    [GeneratedRegex("data-seq=\"(\\d+)\"")]
    private static partial Regex SeqPattern();

    [GeneratedRegex("""<meta name="csrf-token" content="([^"]+)">""")]
    private static partial Regex TokenPattern();
}
