using System.Net;
using System.Net.Sockets;
using System.Text;
using Teahouse.Rooms;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

public sealed class RoomNameTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("lobby", "lobby")]
    [InlineData("-_-", "-_-")]
    [InlineData("茶館2", "茶館2")]
    [InlineData("Cafe\u0301", "Caf\u00e9")]
    [InlineData("ห้องน้ำชา", "ห้องน้ำชา")]
    [InlineData("चाय", "चाय")]
    [InlineData("𠮷野", "𠮷野")]
    public void A_name_is_kept_in_its_composed_form(string text, string expected)
    {
        Assert.True(RoomName.TryParse(text, out var name));
        Assert.Equal(expected.Normalize(), name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\tb")]
    [InlineData("a\u0000b")]
    [InlineData("🍵")]
    [InlineData("²")]
    // Nothing to see: zero width, bidi, variation selectors, fillers that count as letters.
    [InlineData("a\u200Db")]
    [InlineData("a\u202Eb")]
    [InlineData("lobby\uFE0F")]
    [InlineData("lobby\U000E0100")]
    [InlineData("\u3164")]
    [InlineData("a\u115F")]
    [InlineData("a\u034Fb")]
    // A mark without a letter, and a heap of them on one.
    [InlineData("\u0301a")]
    [InlineData("q\u0308\u0308\u0308\u0308\u0308")]
    public void What_is_no_name(string text) => Assert.False(RoomName.TryParse(text, out _));

    [Fact]
    public void Half_a_character_is_no_name()
    {
        // Written here: a test's arguments pass through UTF-8, which does not have them.
        Assert.False(RoomName.TryParse("a\ud800", out _));
        Assert.False(RoomName.TryParse("\udc00b", out _));
    }

    [Theory]
    [InlineData("Lobby", "LOBBY")]
    [InlineData("ärger", "ÄRGER")]
    [InlineData("A\u0308rger", "ärger")]
    [InlineData("οδος", "ΟΔΟΣ")]
    [InlineData("οδος", "οδοσ")]
    [InlineData("ſo", "SO")]
    [InlineData("\u212A", "k")]
    [InlineData("чай", "ЧАЙ")]
    public void Names_that_differ_in_case_only_are_the_same(string one, string other)
    {
        Assert.True(RoomName.TryParse(one, out var first));
        Assert.True(RoomName.TryParse(other, out var second));
        Assert.Equal(RoomName.Key(first), RoomName.Key(second));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("聊天", "聊夭")]
    [InlineData("e", "é")]
    public void Other_letters_are_other_names(string one, string other) => Assert.NotEqual(RoomName.Key(one), RoomName.Key(other));

    [Theory]
    [InlineData("/room/LOBBY/")]
    [InlineData("/room/%6cobby/")]
    [InlineData("/room/lobby")]
    [InlineData("/chat/Lobby/")]
    [InlineData("/room/lobby/settings")]
    public async Task A_room_is_found_however_its_address_is_spelt(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("Lobby", "private");

        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(new Uri(path, UriKind.Relative), Ct)).StatusCode);
    }

    [Theory]
    [InlineData("/chat/{0}/", "%FF%FE", 400)]
    [InlineData("/chat/{0}/", "%ED%A0%80", 400)]
    [InlineData("/chat/{0}/", "a%2Fb", 400)]
    [InlineData("/chat/{0}/", "a%20b", 400)]
    [InlineData("/chat/{0}/", "%E2%80%AEabc", 400)]
    [InlineData("/chat/{0}/", "%00", 400)]
    [InlineData("/room/{0}/", "%FF%FE", 404)]
    [InlineData("/room/{0}/", "a%2Fb", 404)]
    [InlineData("/room/{0}/settings/", "%F0%9F%8D%B5", 404)]
    public async Task An_address_that_is_no_name_is_answered_clearly(string path, string name, int expected)
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");

        // By hand, because clients tidy up addresses.
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Ct);
        var request = $"GET {string.Format(null, path, name)} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nCookie: {cookies.GetCookieHeader(server.Address)}\r\nConnection: close\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Ct);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync(Ct);

        Assert.StartsWith($"HTTP/1.1 {expected} ", answer, StringComparison.Ordinal);
    }
}
