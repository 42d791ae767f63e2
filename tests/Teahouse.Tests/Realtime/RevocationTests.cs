using System.Diagnostics;
using System.Net;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>Promise 8: whatever takes a right away ends the open sockets that live by it, within a second, however many there are; and the others stay.</summary>
[Trait("Speed", "Medium")]
public sealed class RevocationTests
{
    private const string Sockets = "/ws/chat/den/";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Causes => new()
    {
        { "sign-out", 4501 },
        { "a new password", 4501 },
        { "a new password from the shell", 4501 },
        { "the session ended from another device", 4501 },
        { "removal", 4503 },
        { "a ban", 4503 },
        { "access narrowed", 4503 },
        { "deletion", 4504 },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public Task Whatever_revokes_ends_all_sockets_concerned_within_a_second(string cause, int code) => Promptly.KeptAsync(async () =>
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", cause == "access narrowed" ? "members" : "private");
        var bobCookies = await server.SignInCookiesAsync("bob");
        using var bob = server.CreateClient(bobCookies);
        // Another sign-in of the same person, for what is done from elsewhere.
        using var bobElsewhere = await server.SignInAsync("bob");
        var carolCookies = await server.SignInCookiesAsync("carol");
        if (cause != "access narrowed")
        {
            await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "bob"));
            await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "carol"));
        }
        List<SocketClient> concerned = [];
        for (var i = 0; i < 30; i++)
        {
            concerned.Add(await SocketClient.ConnectAsync(server, Sockets, i % 2 == 0 ? SocketClient.V1 : null, bobCookies));
        }
        await using var bystander = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, carolCookies);
        await bystander.ReceiveAsync("hello");
        await concerned[28].ReceiveAsync("subscribed");
        var bobId = (await server.Get<AccountQueries>().FindByKeyAsync("bob", Ct))!.Id;
        // The request token is fetched before the clock runs.
        var (client, path, fields) = cause switch
        {
            "sign-out" => (bob, "/logout/", Array.Empty<(string, string)>()),
            "a new password" => (bobElsewhere, "/settings/",
                [("act", "password"), ("old_password", TestAccounts.Password), ("new_password1", "quite another phrase"), ("new_password2", "quite another phrase")]),
            "the session ended from another device" => (bobElsewhere, "/settings/", []),
            "removal" => (alice, "/room/den/settings/", [("act", "remove"), ("user_id", $"{bobId}")]),
            "a ban" => (alice, "/room/den/settings/", [("act", "ban"), ("ban_username", "bob")]),
            "access narrowed" => (alice, "/room/den/settings/", [("act", "update"), ("title", "den"), ("topic", ""), ("access", "private")]),
            "deletion" => (alice, "/room/den/settings/", [("act", "delete"), ("typed_name", "den")]),
            _ => (alice, "", []),
        };
        if (cause == "the session ended from another device")
        {
            var page = await bobElsewhere.GetStringAsync(new Uri("/settings/", UriKind.Relative), Ct);
            var id = System.Text.RegularExpressions.Regex.Match(page, "name=\"session\" value=\"(\\d+)\"").Groups[1].Value;
            fields = [("act", "end_session"), ("session", id)];
        }
        var closing = concerned.ConvertAll(socket => socket.ReceiveCloseAsync());

        if (path.Length == 0)
        {
            var (exitCode, output) = await ProgramProcess.RunAsync(["user", "password", "bob", "--password-stdin"], "quite another phrase\n",
                [("DATA_DIR", server.DataDirectory), .. await TestDatabase.SettingsForAsync(server.DataDirectory)]);
            Assert.True(exitCode == 0, output);
        }
        else
        {
            using var answer = await client.PostFormFromAsync(path == "/logout/" ? "/settings/" : path, path, fields);
            Assert.True(answer.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.Redirect, $"{answer.StatusCode}");
        }
        var since = Stopwatch.StartNew();

        Assert.All(await Task.WhenAll(closing).WaitAsync(TimeSpan.FromSeconds(60), Ct), got => Assert.Equal(code, got));
        var late = Promptly.Judge(cause, since.Elapsed, Soon);
        await bystander.SendAsync(new { type = "ping" });
        await bystander.ReceiveAsync("pong");
        foreach (var socket in concerned)
        {
            await socket.DisposeAsync();
        }
        // And whoever comes back with what was revoked is not let in again.
        await using var again = await SocketClient.ConnectAsync(server, Sockets, SocketClient.V1, bobCookies);
        Assert.True(again.RefusedWith is not null || cause == "deletion" || await again.ReceiveCloseAsync() is 4501 or 4503);
        return late;
    });

    [Fact]
    public async Task Guests_turned_off_are_out_with_the_restart_and_cannot_come_back()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        var first = await TestServer.StartAsync(dataDirectory: directory);
        await using var guest = await SocketClient.ConnectAsync(first, "/ws/chat/lobby/", SocketClient.V1);
        await guest.ReceiveAsync("subscribed");
        await guest.SendAsync(new { type = "send", room = "lobby", message = "here", nonce = "1" });
        await guest.ReceiveAsync("ack");
        var closing = guest.ReceiveCloseAsync();
        await first.DisposeAsync();
        Assert.Equal(1012, await closing);

        await using (var second = await TestServer.StartAsync([("GUESTS", "off")], directory))
        {
            await using var plain = await SocketClient.ConnectAsync(second, "/ws/chat/lobby/");
            Assert.Equal(4503, await plain.ReceiveCloseAsync());
            await using var v1 = await SocketClient.ConnectAsync(second, "/ws/chat/lobby/", SocketClient.V1);
            Assert.Equal(4503, await v1.ReceiveCloseAsync());
            await using var many = await SocketClient.ConnectAsync(second, "/ws/", SocketClient.V1);
            await many.SendAsync(new { type = "subscribe", room = "lobby" });
            Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_session_that_runs_out_or_a_disabled_account_lets_nobody_in()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("bob");
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE users SET disabled_at = 1 WHERE username = 'bob'"), Ct);

        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/nobody-yet/", SocketClient.V1, cookies);

        // A visitor like any other, or nobody at all; but not bob.
        Assert.True(socket.RefusedWith is not null || (await socket.ReceiveAsync("hello"))["user"] is null);
    }
}
