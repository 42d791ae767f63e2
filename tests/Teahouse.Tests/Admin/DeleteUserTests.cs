using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Admin;

/// <summary>An account goes for ever; what becomes of what it said is the administrator's choice, and everybody sees it.</summary>
public sealed class DeleteUserTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Theory]
    [InlineData("keep", "gone-keep", "secret words", false)]
    [InlineData("anonymise", "已刪除的使用者", "secret words", false)]
    [InlineData("remove", "已刪除的使用者", "", true)]
    public async Task What_they_said_is_kept_anonymised_or_removed(string choice, string author, string text, bool deleted)
    {
        var (name, room) = ($"gone-{choice}", $"room-{choice}");
        using var root = await Server.SignInAsync($"root-{choice}", isAdmin: true);
        var id = await Server.AddUserAsync(name);
        using var gone = await Server.SignInAsync(name);
        await gone.CreateRoomAsync(room, "members");
        using var said = await gone.PostFormAsync($"/room/{room}/", ("content", "secret words"));
        using var other = await Server.SignInAsync($"other-{choice}");
        using var answered = await other.PostFormAsync($"/room/{room}/", ("content", "an answer"));
        await using var reader = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/", "teahouse.v1", await Server.SignInCookiesAsync($"other-{choice}"));
        var before = await reader.ReceiveAsync("subscribed");

        var page = await root.ActAsync("/admin/users/", "delete", [id], ("choice", choice));

        Assert.Contains("已刪除 1 個帳號", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await gone.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        var history = (await other.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{room}/messages", Ct))!["messages"]!.AsArray();
        var message = history.Single(each => (string?)each!["kind"] == "text" && (string?)each["user"] != $"other-{choice}")!;
        Assert.Equal((author, text, deleted), ((string?)message["user"], (string?)message["message"], message["deleted"]?.GetValue<bool>() ?? false));
        // Nothing was edited: only the name or the whole is gone.
        Assert.Null((string?)message["edited_at"]);
        Assert.Contains(history, each => (string?)each!["message"] == "an answer");
        Assert.Equal([.. Enumerable.Range(1, history.Count)], history.Select(each => (int)each!["seq"]!));
        if (choice != "keep")
        {
            Assert.DoesNotContain(name, history.ToJsonString(), StringComparison.Ordinal);
            Assert.True((long)message["rev"]! > (long)before["rev"]!);
            // The open page is told of each change.
            var told = await reader.ReceiveAsync(frame => (string?)frame["type"] == "message" && (long)frame["id"]! == (long)message["id"]!);
            Assert.Equal((author, text), ((string?)told["user"], (string?)told["message"]));
        }
        var detail = await Server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT actor || ': ' || detail FROM audit_log WHERE action = 'user_deleted' AND target = @name", new { name }), Ct);
        Assert.Equal($"root-{choice}: messages {(choice == "keep" ? "kept" : choice + "d")}", detail);
        Assert.Equal(0, await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users WHERE id = @id", new { id }), Ct));
    }

    [Fact]
    public async Task Without_a_choice_or_for_oneself_nothing_is_deleted()
    {
        var own = await Server.AddUserAsync("root-keeps", isAdmin: true);
        using var root = await Server.SignInAsync("root-keeps");
        var id = await Server.AddUserAsync("stays");

        using var unsure = await root.PostFormAsync("/admin/users/", ("act", "delete"), ("ids", $"{id}"), ("confirm", "on"));
        Assert.Equal(HttpStatusCode.OK, unsure.StatusCode);
        Assert.Contains("不能這樣對自己的帳號做", await root.ActAsync("/admin/users/", "delete", [own], ("choice", "keep")), StringComparison.Ordinal);

        Assert.Equal(2, await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users WHERE id = @id OR id = @own", new { id, own }), Ct));
    }

    [Fact]
    public async Task A_reset_link_is_shown_once_and_sets_a_new_password()
    {
        using var root = await Server.SignInAsync("root-reset", isAdmin: true);
        var id = await Server.AddUserAsync("forgetful");

        using var made = await root.PostFormAsync($"/admin/users/{id}/", ("act", "reset"));
        var page = await root.SeeAsync($"/admin/users/{id}/");
        var begin = page.IndexOf("/reset/?token=", StringComparison.Ordinal);
        Assert.True(begin > 0);
        var link = page[begin..page.IndexOf('"', begin)];
        Assert.DoesNotContain(link, await root.SeeAsync($"/admin/users/{id}/"), StringComparison.Ordinal);
        using var browser = Server.CreateClient();
        using var opened = await browser.GetAsync(new Uri(link, UriKind.Relative), Ct);
        Assert.True(opened.StatusCode is HttpStatusCode.OK or HttpStatusCode.SeeOther or HttpStatusCode.Redirect, $"{opened.StatusCode}");
        Assert.Single(await Server.AuditAsync("reset_link_made", "forgetful"));
    }
}
