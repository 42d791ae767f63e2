using System.Net;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Client;

[Trait("Speed", "Medium")]
public sealed class TeahouseApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_makes_a_room_talks_in_it_and_takes_it_away()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        await server.AddUserAsync("bob");
        var (_, token) = await server.AddTokenAsync("alice", "write", "報時鳥");
        using var api = new TeahouseApi(new TeahouseClientOptions { Server = server.Address, Token = token });

        Assert.Equal(("alice", true, "write"), await api.GetMeAsync(Ct) is var me ? (me.Username, me.Bot, me.Scope) : default);
        var room = await api.CreateRoomAsync(new NewRoom("茶室", Topic: "烏龍", Access: "private"), Ct);
        Assert.Equal(("茶室", "owner", "private"), (room.Name, room.Role, room.Access));
        Assert.Equal("綠茶", (await api.ChangeRoomAsync("茶室", new RoomChange(Topic: "綠茶"), Ct)).Topic);
        Assert.Equal("moderator", (await api.PutMemberAsync("茶室", "bob", "moderator", Ct)).Role);
        Assert.Equal(["alice", "bob"], (await ListAsync(api.ListMembersAsync("茶室", Ct))).Select(member => member.Username));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"m{i}", (await api.SendAsync("茶室", $"m{i}", ct: Ct)).Text);
        }
        var page = await api.ReadMessagesAsync("茶室", new HistoryRange(Limit: 2), Ct);
        Assert.Equal(["m3", "m4"], page.Messages.Select(message => message.Text));
        Assert.True(page.HasMore);
        Assert.All(page.Messages, message => Assert.True(message.IsBot));
        await api.MarkReadAsync("茶室", page.Messages[^1].Seq, Ct);
        Assert.Equal(0, (await api.GetRoomAsync("茶室", Ct)).Unread);
        using var file = new MemoryStream();
        await api.ExportAsync("茶室", "jsonl", file, Ct);
        Assert.Equal(page.Rev, System.Text.Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await api.RemoveMemberAsync("茶室", "bob", Ct);
        Assert.Equal(["茶室"], (await ListAsync(api.ListRoomsAsync(joinedOnly: true, Ct))).Select(each => each.Name));
        await api.DeleteRoomAsync("茶室", Ct);
        var gone = await Assert.ThrowsAsync<TeahouseException>(() => api.GetRoomAsync("茶室", Ct));
        Assert.Equal(("not_found", 404), (gone.Code, gone.Status));
    }

    [Fact]
    public async Task A_program_runs_a_project_and_hands_out_access()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = new TeahouseApi(new TeahouseClientOptions { Server = server.Address, Token = (await server.AddTokenAsync("alice", "admin")).Text });
        using var bob = new TeahouseApi(new TeahouseClientOptions { Server = server.Address, Token = (await server.AddTokenAsync("bob")).Text });

        Assert.Equal(["bob"], (await ListAsync(alice.ListUsersAsync("bo", Ct))).Select(user => user.Username));
        Assert.Equal("cups", (await alice.CreateProjectAsync(new NewProject("茶杯", Slug: "cups"), Ct)).Slug);
        Assert.Equal("柴燒", (await alice.ChangeProjectAsync("cups", new ProjectChange(Description: "柴燒"), Ct)).Description);
        var chat = await bob.OpenProjectChatAsync("cups", Ct);
        Assert.Equal(chat.Room, (await bob.OpenProjectChatAsync("cups", Ct)).Room);
        await bob.SendAsync(chat.Room, "還有嗎？", ct: Ct);
        var listed = Assert.Single(await ListAsync(alice.ListProjectChatsAsync("cups", unreadOnly: true, Ct)));
        Assert.Equal((chat.Room, "bob", "還有嗎？", 1L), (listed.Room, listed.Visitor, listed.LastMessage, listed.Unread));
        Assert.Equal(1, Assert.Single(await ListAsync(alice.ListProjectsAsync(mineOnly: true, ct: Ct))).Unread);
        Assert.Equal("柴燒", (await bob.GetProjectAsync("cups", Ct)).Description);
        await alice.DeleteProjectAsync("cups", Ct);
        Assert.Empty(await ListAsync(bob.ListProjectsAsync(ct: Ct)));

        await alice.CreateRoomAsync(new NewRoom("den"), Ct);
        Assert.Equal("owner", (await bob.GetMemberAsync("den", "alice", Ct)).Role);
        var token = await alice.CreateTokenAsync(new NewToken("備份", "read", ExpiresAt: DateTimeOffset.UtcNow.AddDays(1)), Ct);
        var hook = await alice.CreateHookAsync("den", "報時鳥", Ct);
        var webhook = await alice.CreateWebhookAsync(new NewWebhook("https://example.org/in", ["den"]), Ct);
        // What is told when it is made is what is told later.
        Assert.Equal(token.CreatedAt, (await alice.ListTokensAsync(Ct))[0].CreatedAt);
        Assert.Equal(hook.CreatedAt, Assert.Single(await alice.ListHooksAsync("den", Ct)).CreatedAt);
        Assert.Equal(webhook.CreatedAt, Assert.Single(await alice.ListWebhooksAsync(Ct)).CreatedAt);
        Assert.NotEqual(webhook.Secret, (await alice.RotateWebhookSecretAsync(webhook.Id, ct: Ct)).Secret);
        await alice.ResumeWebhookAsync(webhook.Id, Ct);
        await alice.TestWebhookAsync(webhook.Id, Ct);
        await alice.ReplayWebhookAsync(webhook.Id, 1, 2, Ct);
        Assert.Equal(404, (await Assert.ThrowsAsync<TeahouseException>(() => alice.ReplayWebhookDeliveryAsync(webhook.Id, 999, Ct))).Status);
        Assert.DoesNotContain(await alice.ListWebhookDeliveriesAsync(webhook.Id, Ct), delivery => delivery.Delivered);
        await alice.RevokeTokenAsync(token.Id, Ct);
        await alice.RevokeHookAsync("den", hook.Id, Ct);
        await alice.DeleteWebhookAsync(webhook.Id, Ct);
        Assert.DoesNotContain(await alice.ListTokensAsync(Ct), each => each.Id == token.Id);
        Assert.Empty(await alice.ListHooksAsync("den", Ct));
        Assert.Empty(await alice.ListWebhooksAsync(Ct));
        Assert.Equal(403, (await Assert.ThrowsAsync<TeahouseException>(() => bob.ListTokensAsync(Ct))).Status);
    }

    [Fact]
    public async Task A_send_whose_answer_is_lost_is_repeated_and_stored_once()
    {
        await using var server = await TestServer.StartAsync();
        var (_, token) = await server.AddTokenAsync("alice");
        using var http = new HttpMessageInvoker(new LosesAnswers(2));
        using var api = new TeahouseApi(new TeahouseClientOptions { Server = server.Address, Token = token, Http = http, FirstRetry = TimeSpan.FromMilliseconds(20) });
        await api.CreateRoomAsync(new NewRoom("den"), Ct);

        var sent = await api.SendAsync("den", "once", ct: Ct);

        var page = await api.ReadMessagesAsync("den", ct: Ct);
        Assert.Equal(sent.Id, Assert.Single(page.Messages, message => message.Text == "once").Id);
    }

    [Fact]
    public async Task Being_asked_to_wait_is_heeded()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "1"), ("LIMIT_MESSAGES_PER_SECOND_BURST", "1")]);
        var (_, token) = await server.AddTokenAsync("alice");
        using var counts = new CountsRefusals();
        using var http = new HttpMessageInvoker(counts);
        using var api = new TeahouseApi(new TeahouseClientOptions { Server = server.Address, Token = token, Http = http });
        await api.CreateRoomAsync(new NewRoom("den"), Ct);

        // Together: one alone may take so long that its share is there again when the next one comes.
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => api.SendAsync("den", $"m{i}", ct: Ct)));

        Assert.True(counts.Refusals > 0, "Nobody was asked to wait.");
        var page = await api.ReadMessagesAsync("den", ct: Ct);
        Assert.Equal(["m0", "m1", "m2"], page.Messages.Select(message => message.Text).Where(text => text.StartsWith('m')).Order(StringComparer.Ordinal));
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> all = [];
        await foreach (var item in items)
        {
            all.Add(item);
        }
        return all;
    }

    /// <summary>Counts how often the server asked to wait.</summary>
    private sealed class CountsRefusals() : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
    {
        private int _refusals;

        public int Refusals => Volatile.Read(ref _refusals);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Interlocked.Increment(ref _refusals);
            }
            return response;
        }
    }

    /// <summary>Lets messages through, but not the first answers to them.</summary>
    private sealed class LosesAnswers(int count) : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
    {
        private int _left = count;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath.EndsWith("/messages", StringComparison.Ordinal) && request.Method == HttpMethod.Post && _left-- > 0)
            {
                response.Dispose();
                throw new HttpRequestException("The line broke.");
            }
            return response;
        }
    }
}
