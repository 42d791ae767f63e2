using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Messages that SQLite's writer finds waiting together are stored in a few statements: the same must become of them as one by one.</summary>
public sealed class MessagesTogetherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_of_several_authors_and_rooms_come_one_after_another_and_are_read_by_their_authors_alone()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        using var owner = await MakeRoomsAsync(server, "a", "b");
        await PostAsync(alice, "a", "before");
        await RoomAsync(bob, "a");

        // More than one statement holds, and not a power of two.
        const int Count = 45;
        await using var queue = await Queue.HoldAsync(server);
        for (var i = 0; i < Count; i++)
        {
            await queue.AddAsync(() => PostAsync(i % 3 == 0 ? bob : alice, i % 5 == 0 ? "b" : "a", $"{i}", nonce: $"n{i}"));
        }
        var answers = await queue.ReleaseAsync();

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Equal(answers.Select(answer => answer.Id).Order(), answers.Select(answer => answer.Id));
        foreach (var (room, isHere) in new (string, Func<int, bool>)[] { ("a", i => i % 5 != 0), ("b", i => i % 5 == 0) })
        {
            var kept = (await History.ReadAsync(alice, room)).Where(message => (string)message["kind"]! == "text" && (string)message["message"]! != "before").ToList();
            Assert.Equal(Enumerable.Range(0, Count).Where(isHere).Select(i => $"{i}"), kept.Select(message => (string)message["message"]!));
            Assert.Equal(answers.Where((_, i) => isHere(i)).Select(answer => answer.Id), kept.Select(message => (long)message["id"]!));
            Assert.Equal(Enumerable.Range(0, Count).Where(isHere).Select(i => $"n{i}"), kept.Select(message => (string?)message["nonce"]));
            await IsNumberedAsync(alice, room);
            foreach (var (http, name) in new[] { (alice, "alice"), (bob, "bob") })
            {
                var seen = await RoomAsync(http, room);
                Assert.Equal("member", (string?)seen["role"]);
                Assert.Equal(kept.Count(message => (long)message["seq"]! > (long)seen["last_read_seq"]! && (string)message["user"]! != name), (long)seen["unread"]!);
            }
        }
    }

    [Fact]
    public async Task One_that_is_refused_takes_no_other_along()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        using var owner = await MakeRoomsAsync(server, "a", "b");
        await RoomAsync(alice, "a");
        await RoomAsync(bob, "a");

        await using var queue = await Queue.HoldAsync(server);
        await queue.AddAsync(() => PostAsync(alice, "a", "first", "n"));
        await queue.AddAsync(() => PostAsync(bob, "a", "bob's", "n"));
        await queue.AddAsync(() => PostAsync(alice, "a", "first", "n"));
        await queue.AddAsync(() => PostAsync(alice, "a", "other", "n"));
        await queue.AddAsync(() => PostAsync(bob, "b", "in time"));
        await queue.AddAsync(async () =>
        {
            using var archived = await owner.PatchAsJsonAsync(new Uri("/api/v1/rooms/b", UriKind.Relative), new { archived = true }, Ct);
            return new Answer(archived.StatusCode, 0, null);
        });
        await queue.AddAsync(() => PostAsync(bob, "b", "too late"));
        await queue.AddAsync(() => PostAsync(bob, "a", "last"));
        var answers = await queue.ReleaseAsync();

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Created],
            answers.Select(answer => answer.Status));
        Assert.Equal(["conflict", "forbidden"], answers.Where(answer => (int)answer.Status >= 400).Select(answer => answer.Code));
        Assert.Equal(answers[0].Id, answers[2].Id);
        Assert.Equal(["first", "bob's", "last"], await TextsAsync(alice, "a"));
        Assert.Equal(["in time"], await TextsAsync(alice, "b"));
        await IsNumberedAsync(alice, "a");
        await IsNumberedAsync(alice, "b");
    }

    [Fact]
    public async Task What_else_happens_to_a_room_between_two_messages_is_counted()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await server.CreateBotAsync("alice");
        using var carol = await server.CreateBotAsync("carol");
        using var owner = await MakeRoomsAsync(server, "a");

        var first = await PostAsync(alice, "a", "1");
        await PostAsync(alice, "a", "2");
        using (var removed = await alice.DeleteAsync(new Uri($"/api/v1/rooms/a/messages/{first.Id}", UriKind.Relative), Ct))
        {
            removed.EnsureSuccessStatusCode();
        }
        await PostAsync(alice, "a", "3");
        using (var joined = await carol.PutAsJsonAsync(new Uri("/api/v1/rooms/a/members/carol", UriKind.Relative), new { }, Ct))
        {
            joined.EnsureSuccessStatusCode();
        }
        await PostAsync(alice, "a", "4");

        var history = await History.ReadAsync(alice, "a");
        // The removal has the revision between 2 and 3.
        Assert.Equal((long)Find("2")["rev"]! + 2, (long)Find("3")["rev"]!);
        Assert.Equal((long)Find("2")["rev"]! + 1, (long)history.First(message => (long)message["id"]! == first.Id)["rev"]!);
        // Carol's joining lies between 3 and 4.
        Assert.Equal((long)Find("3")["seq"]! + 2, (long)Find("4")["seq"]!);
        await IsNumberedAsync(alice, "a");

        using (var archived = await owner.PatchAsJsonAsync(new Uri("/api/v1/rooms/a", UriKind.Relative), new { archived = true }, Ct))
        {
            archived.EnsureSuccessStatusCode();
        }
        Assert.Equal("forbidden", (await PostAsync(alice, "a", "5")).Code);

        JsonObject Find(string text) => history.Single(message => (string)message["message"]! == text);
    }

    private static async Task<HttpClient> MakeRoomsAsync(TestServer server, params string[] names)
    {
        var owner = await server.CreateBotAsync("owner");
        foreach (var name in names)
        {
            using var made = await owner.PostAsJsonAsync(new Uri("/api/v1/rooms", UriKind.Relative), new { name, access = "members" }, Ct);
            made.EnsureSuccessStatusCode();
        }
        return owner;
    }

    private static async Task<Answer> PostAsync(HttpClient http, string room, string message, string? nonce = null)
    {
        using var response = await http.PostAsJsonAsync(new Uri($"/api/v1/rooms/{room}/messages", UriKind.Relative), new { message, nonce }, Ct);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);
        return new Answer(response.StatusCode, (long?)answer!["id"] ?? 0, (string?)answer["code"]);
    }

    private static async Task<JsonObject> RoomAsync(HttpClient http, string room) =>
        await http.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/{room}", UriKind.Relative), Ct) ?? throw new InvalidOperationException("No room.");

    private static async Task<IEnumerable<string>> TextsAsync(HttpClient http, string room) =>
        (await History.ReadAsync(http, room)).Where(message => (string)message["kind"]! == "text").Select(message => (string)message["message"]!);

    /// <summary>The room's numbers have no hole, and it knows its latest.</summary>
    private static async Task IsNumberedAsync(HttpClient http, string name)
    {
        var (room, history) = (await RoomAsync(http, name), await History.ReadAsync(http, name));
        Assert.Equal(Enumerable.Range(1, history.Count).Select(seq => (long)seq), history.Select(message => (long)message["seq"]!));
        Assert.Equal(history.Count, history.Select(message => (long)message["rev"]!).Distinct().Count());
        Assert.Equal((long)room["last_seq"]!, (long)history[^1]["seq"]!);
        Assert.Equal((long)room["rev"]!, history.Max(message => (long)message["rev"]!));
        Assert.Equal((DateTimeOffset)room["last_message_at"]!, (DateTimeOffset)history[^1]["timestamp"]!);
    }

    private sealed record Answer(HttpStatusCode Status, long Id, string? Code);

    /// <summary>Keeps the writer busy while calls come to wait for it, in a known order. Each client has used its token before, which is a write of its own.</summary>
    private sealed class Queue : IAsyncDisposable
    {
        private readonly Db _db;
        private readonly ManualResetEventSlim _release = new();
        private readonly List<Task<Answer>> _calls = [];
        private readonly Task _held;

        private Queue(Db db, Task held, ManualResetEventSlim release) => (_db, _held, _release) = (db, held, release);

        public static async Task<Queue> HoldAsync(TestServer server)
        {
            var db = server.Get<Db>();
            var release = new ManualResetEventSlim();
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var held = db.WriteAsync(_ =>
            {
                begun.SetResult();
                // Not awaited: the thread itself is to be busy.
                release.Wait(Ct);
                return Task.FromResult(0);
            }, Ct);
            await begun.Task;
            return new Queue(db, held, release);
        }

        /// <summary>Makes a call that writes, and returns when it waits for the writer.</summary>
        public async Task AddAsync(Func<Task<Answer>> call)
        {
            var before = _db.Waiting;
            _calls.Add(call());
            await Eventually.TrueAsync(() => _db.Waiting > before);
        }

        public async Task<Answer[]> ReleaseAsync()
        {
            _release.Set();
            return await Task.WhenAll(_calls);
        }

        public async ValueTask DisposeAsync()
        {
            _release.Set();
            await _held;
            _release.Dispose();
        }
    }
}
