using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 2: one nonce, used over every door at the same moment.</summary>
[Trait("Database", "Both")]
public sealed class NonceRaceTests
{
    private const int Rounds = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_text_over_all_doors_is_one_message_and_every_answer_names_it()
    {
        await using var doors = await Doors.OpenAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            var answers = await doors.SendAsync($"n{round}", _ => $"round {round}");

            var id = Assert.Single(answers.Select(answer => answer.Id).Distinct());
            Assert.NotNull(id);
            Assert.All(answers, answer => Assert.Null(answer.Refusal));
        }

        var stored = await History.ReadAsync(doors.Browser, "r");
        Assert.Equal(Enumerable.Range(1, Rounds).Select(round => $"round {round}"), stored.Skip(1).Select(message => (string)message["message"]!));
    }

    [Fact]
    public async Task Different_texts_over_all_doors_are_one_message_and_a_conflict_for_the_others()
    {
        await using var doors = await Doors.OpenAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            var answers = await doors.SendAsync($"n{round}", door => $"round {round} by {door}");

            var winner = Assert.Single(answers, answer => answer.Refusal is null);
            Assert.All(answers.Where(answer => answer != winner), answer => Assert.Equal("conflict", answer.Refusal));
            var stored = (await History.ReadAsync(doors.Browser, "r"))[^1];
            Assert.Equal(round + 1, (int)stored["seq"]!);
            Assert.Equal(winner.Id, (long)stored["id"]!);
            Assert.Equal($"round {round} by {winner.Door}", (string)stored["message"]!);
        }
    }

    private sealed record Answer(int Door, long? Id, string? Refusal);

    /// <summary>One person's page, two sockets of the new protocol, and two of the old one.</summary>
    private sealed class Doors : IAsyncDisposable
    {
        private readonly List<SocketClient> _sockets = [];
        private string _token = "";

        private Doors(TestServer server, CookieContainer cookies)
        {
            Server = server;
            Browser = server.CreateClient(cookies);
            Browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        }

        private TestServer Server { get; }

        public HttpClient Browser { get; }

        public static async Task<Doors> OpenAsync()
        {
            var server = await TestServer.StartAsync(SharedServer.NoLimits);
            var cookies = await server.SignInCookiesAsync("alice");
            var doors = new Doors(server, cookies);
            foreach (var subprotocol in (string?[])[SocketClient.V1, SocketClient.V1, null, null])
            {
                doors._sockets.Add(await SocketClient.ConnectAsync(server, "/ws/chat/r/", subprotocol, cookies));
            }
            // Nobody tells a plain client that it is in.
            await Eventually.TrueAsync(() => server.Get<ConnectionRegistry>().FindFeed(Topic.Room("r"))?.ListSubscriptions() is { } all && all.Count(subscription => subscription.IsLive) == doors._sockets.Count);
            await doors._sockets[0].SendAsync(new { type = "send", room = "r", message = "make the room", nonce = "first" });
            await Task.WhenAll(doors._sockets.Select(socket => socket.ReceiveAsync(frame => (string?)frame["nonce"] == "first" && frame.ContainsKey("message"))));
            using var page = server.CreateClient(cookies);
            doors._token = await page.GetTokenAsync("/room/r/");
            return doors;
        }

        public async Task<List<Answer>> SendAsync(string nonce, Func<int, string> text)
        {
            var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var answering = _sockets.Select((socket, door) => Task.Run(async () =>
            {
                await together.Task;
                await socket.SendAsync(door < 2 ? new { type = "send", room = "r", message = text(door), nonce } : (object)new { message = text(door), nonce });
                return door < 2 ? await AnswerOfAsync(socket, door, nonce) : await PlainAnswerOfAsync(socket, door, nonce, text(door));
            }, Ct)).Append(Task.Run(async () =>
            {
                await together.Task;
                return await PostAsync(4, nonce, text(4));
            }, Ct)).ToList();
            together.SetResult();
            return [.. await Task.WhenAll(answering)];
        }

        private static async Task<Answer> AnswerOfAsync(SocketClient socket, int door, string nonce)
        {
            var answer = await socket.ReceiveAsync(frame => (string?)frame["nonce"] == nonce && (string?)frame["type"] is "ack" or "error");
            return new Answer(door, (long?)answer["id"], (string?)answer["code"]);
        }

        /// <summary>An old client has no ack: it sees its message come back, or an error. Another's message with its nonce is not an answer to a refused one.</summary>
        private static async Task<Answer> PlainAnswerOfAsync(SocketClient socket, int door, string nonce, string text)
        {
            var answer = await socket.ReceiveAsync(frame => (string?)frame["nonce"] == nonce && (frame.ContainsKey("code") || (string?)frame["message"] == text));
            return new Answer(door, (long?)answer["id"], (string?)answer["code"]);
        }

        private async Task<Answer> PostAsync(int door, string nonce, string text)
        {
            using var form = new FormUrlEncodedContent([new("content", text), new("nonce", nonce), new("csrfmiddlewaretoken", _token)]);
            using var response = await Browser.PostAsync(new Uri("/room/r/", UriKind.Relative), form, Ct);
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);
            return new Answer(door, (long?)answer!["id"], (string?)answer["code"]);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var socket in _sockets)
            {
                await socket.DisposeAsync();
            }
            Browser.Dispose();
            await Server.DisposeAsync();
        }
    }
}
