using System.Net;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

[Trait("Speed", "Medium")]
public sealed class WholePagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/login/", 200)]
    [InlineData("/nowhere/", 404)]
    public async Task A_page_says_how_long_it_is(string path, int status)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var client = server.CreateClient();

        using var got = await SendAsync(client, HttpMethod.Get, path);
        using var head = await SendAsync(client, HttpMethod.Head, path);

        var page = await got.Content.ReadAsByteArrayAsync(Ct);
        Assert.Equal((HttpStatusCode)status, got.StatusCode);
        Assert.Equal(page.Length, got.Content.Headers.ContentLength);
        Assert.EndsWith("</html>", System.Text.Encoding.UTF8.GetString(page).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode)status, head.StatusCode);
        Assert.NotNull(head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Ct));
    }

    [Fact]
    public async Task A_very_long_page_comes_whole_in_pieces()
    {
        await using var server = await TestServer.StartAsync();
        var userId = await server.AddUserAsync("alice");
        await server.Get<Db>().WriteAsync(async session =>
        {
            for (var i = 0; i < 400; i++)
            {
                var room = await server.Get<RoomStore>().InsertAsync(session, "room", $"r{i}", $"房間 {i}", "", Access.Members, null, DateTimeOffset.UnixEpoch);
                await server.Get<RoomStore>().AddMemberAsync(session, room!.Id, userId, Role.Member, 0, DateTimeOffset.UnixEpoch);
            }
        }, Ct);
        using var alice = await server.SignInAsync("alice");

        using var first = await SendAsync(alice, HttpMethod.Get, "/?all=true");
        var page = await first.Content.ReadAsStringAsync(Ct);
        using var next = await SendAsync(alice, HttpMethod.Get, "/?handler=List");

        Assert.True(page.Length > 200_000);
        Assert.All(Enumerable.Range(0, 400), i => Assert.Contains($"房間 {i}</bdi>", page, StringComparison.Ordinal));
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    // The client would count for itself what it has read.
    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
    }
}
