using System.Globalization;
using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

/// <summary>Who may do what in which chat: every caller, every door, one's own chat, somebody else's and none.</summary>
public sealed class ProjectPermissionTests
{
    private const string Unknown = "aaaaaaaaaaaaaaaaaaaaaaaa";

    private static readonly string[] Callers = ["nobody", "guest", "visitor1", "visitor2", "owner", "neighbour", "admin"];

    /// <summary>What each door answers who is let in, a signed-in stranger, who is not signed in; and what it answers for a chat that is not there.</summary>
    private static readonly (string Door, string In, string Stranger, string Nobody, string Absent)[] Doors =
    [
        ("page", "200", "302 own", "302 login", "404"),
        ("page form", "303 back", "303 own", "302 login", "404"),
        ("page script", "200", "403", "401", "404"),
        ("room page", "302 chat", "404", "302 login", "404"),
        ("room form", "303 back", "404", "302 login", "404"),
        ("settings", "404", "404", "302 login", "404"),
        ("settings form", "404", "404", "302 login", "404"),
        ("join", "303 back", "404", "302 login", "404"),
        ("leave", "403", "404", "302 login", "404"),
        ("send-message", "200", "403", "401", "404"),
        ("get-messages", "200", "403", "401", "404"),
        ("history", "200", "404", "404", "404"),
        ("socket", "in", "4503", "4503", "in"),
        ("v1 subscribe", "subscribed", "forbidden", "forbidden", "subscribed"),
        ("v1 send", "ack", "forbidden", "forbidden", "skip"),
        ("v1 read", "done", "forbidden", "forbidden", "skip"),
        ("v1 typing", "done", "forbidden", "forbidden", "skip"),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_door_opens_for_the_two_of_a_chat_alone()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0"), ("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")]);
        await server.AddUserAsync("admin", isAdmin: true);
        var cookies = new Dictionary<string, CookieContainer>();
        foreach (var name in Callers)
        {
            cookies[name] = name is "nobody" or "guest" ? new CookieContainer() : await server.SignInCookiesAsync(name);
        }
        using var ownersClient = server.CreateClient(cookies["owner"]);
        using var firstClient = server.CreateClient(cookies["visitor1"]);
        using var secondClient = server.CreateClient(cookies["visitor2"]);
        using var guestsClient = server.CreateClient(cookies["guest"]);
        using var neighboursClient = server.CreateClient(cookies["neighbour"]);
        _ = await guestsClient.GetStringAsync(new Uri("/chat/plaza/?username=passer", UriKind.Relative), Ct);
        await ownersClient.CreateProjectAsync("Cups", slug: "cups");
        await neighboursClient.CreateProjectAsync("Pots", slug: "pots");
        var rooms = new Dictionary<string, string>
        {
            ["visitor1"] = await firstClient.OpenChatAsync("cups"),
            ["visitor2"] = await secondClient.OpenChatAsync("cups"),
            ["none"] = Unknown,
        };
        // Everybody who can has a chat of their own: it is no key to another.
        await firstClient.OpenChatAsync("pots");
        await neighboursClient.OpenChatAsync("cups");

        List<string> wrong = [];
        foreach (var caller in Callers)
        {
            using var client = server.CreateClient(cookies[caller]);
            foreach (var (whose, room) in rooms)
            {
                var isIn = whose == caller || (caller == "owner" && whose != "none");
                foreach (var (door, whenIn, stranger, nobody, absent) in Doors)
                {
                    var isUser = caller is not ("nobody" or "guest");
                    var expected = whose == "none" && (isUser || absent == "in" || absent == "subscribed" || absent == "skip") ? absent : isIn ? whenIn : isUser ? stranger : nobody;
                    if (expected == "skip")
                    {
                        continue;
                    }
                    var answer = await KnockAsync(server, client, cookies[caller], door, room);
                    if (answer != expected)
                    {
                        wrong.Add($"{caller} at {door} of {whose}: {answer} instead of {expected}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        // Nobody else's word is in a chat, whatever the answer was.
        var said = (await ownersClient.PollOldAsync(rooms["visitor1"], 0))["messages"]!.AsArray();
        Assert.Equal(["owner", "visitor1"], said.Select(message => (string?)message!["sender"]).Distinct().Order());
    }

    private static async Task<string> KnockAsync(TestServer server, HttpClient client, CookieContainer cookies, string door, string room)
    {
        var page = $"/chats/project/cups/{room}/";
        return door switch
        {
            "page" => await SendAsync(client, HttpMethod.Get, page, room),
            "page form" => await SendAsync(client, HttpMethod.Post, page, room),
            "page script" => await SendAsync(client, HttpMethod.Post, page, room, ("X-Requested-With", "XMLHttpRequest")),
            "room page" => await SendAsync(client, HttpMethod.Get, $"/room/{room}/", room),
            "room form" => await SendAsync(client, HttpMethod.Post, $"/room/{room}/", room),
            "settings" => await SendAsync(client, HttpMethod.Get, $"/room/{room}/settings/", room),
            "settings form" => await SendAsync(client, HttpMethod.Post, $"/room/{room}/settings/", room),
            "join" or "leave" => await SendAsync(client, HttpMethod.Post, $"/room/{room}/{door}/", room),
            "send-message" => await SendAsync(client, HttpMethod.Post, $"/chats/api/send-message/{room}/", room),
            "get-messages" => await SendAsync(client, HttpMethod.Get, $"/chats/api/get-messages/{room}/?last_id=0", room),
            "history" => await SendAsync(client, HttpMethod.Get, $"/api/v1/rooms/{room}/messages", room),
            "socket" => await ListenAsync(server, cookies, room),
            _ => await SpeakAsync(server, cookies, door, room),
        };
    }

    private static async Task<string> SendAsync(HttpClient client, HttpMethod method, string path, string room, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }
        if (method == HttpMethod.Post)
        {
            request.Headers.Add("X-CSRFToken", await client.GetTokenAsync("/login/"));
            request.Content = new FormUrlEncodedContent([new("content", "hello"), new("act2", "x"), new("typed_name", room)]);
        }
        using var response = await client.SendAsync(request, Ct);
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        return response.Headers.Location?.OriginalString switch
        {
            null => status,
            var login when login.StartsWith("/login/", StringComparison.Ordinal) => status + " login",
            "/chats/project/cups/" => status + " own",
            var back when method == HttpMethod.Post && back.Contains(room, StringComparison.Ordinal) => status + " back",
            var chat when chat == $"/chats/project/cups/{room}/" => status + " chat",
            var other => $"{status} {other}",
        };
    }

    private static async Task<string> ListenAsync(TestServer server, CookieContainer cookies, string room)
    {
        await using var socket = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", cookies: cookies);
        // Nobody can post an empty message: the answer tells that the socket is in, and changes nothing.
        await socket.SendAsync(new { message = "" });
        try
        {
            return (string?)(await socket.ReceiveAsync())["code"] == "empty_message" ? "in" : "something else";
        }
        catch (InvalidOperationException)
        {
            return ((int?)socket.CloseStatus)?.ToString(CultureInfo.InvariantCulture) ?? "gone";
        }
    }

    private static async Task<string> SpeakAsync(TestServer server, CookieContainer cookies, string door, string room)
    {
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await socket.ReceiveAsync("hello");
        await socket.SendAsync(door switch
        {
            "v1 subscribe" => new { type = "subscribe", room },
            "v1 send" => new { type = "send", room, message = "hello", nonce = Guid.NewGuid().ToString() },
            "v1 read" => (object)new { type = "read", room, seq = 1 },
            _ => new { type = "typing", room },
        });
        await socket.SendAsync(new { type = "ping" });
        // What was refused is answered before the ping; an ack may come after it.
        var answer = await socket.ReceiveAsync(frame => (string?)frame["type"] is "error" or "subscribed" or "ack" || ((string?)frame["type"] == "pong" && door is "v1 read" or "v1 typing"));
        return (string?)answer["type"] switch
        {
            "error" => (string?)answer["code"] ?? "",
            "pong" => "done",
            var type => type ?? "",
        };
    }
}
