using Microsoft.Playwright;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>The list beside the page when one is in very many rooms.</summary>
public sealed class RoomListTests(Chromium chromium)
{
    private const int Rooms = 130;

    [Fact]
    public async Task A_room_without_a_row_gets_one_when_something_is_said_there_and_all_can_be_had()
    {
        await using var server = await TestServer.StartAsync();
        var bobId = await server.AddUserAsync("bob");
        await server.Get<Db>().WriteAsync(async session =>
        {
            var store = server.Get<RoomStore>();
            for (var i = 0; i < Rooms; i++)
            {
                var at = DateTimeOffset.UnixEpoch.AddDays(Rooms - i);
                var room = await store.InsertAsync(session, "room", $"r{i}", $"Room {i}", "", Access.Members, null, at);
                await store.AddMemberAsync(session, room!.Id, bobId, Role.Member, 0, at);
            }
        }, TestContext.Current.CancellationToken);
        await using var bob = await chromium.SignInAsync(server, "bob");
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await bob.EnterAsync("/room/r0/");
        var rows = page.Locator("#room-list [data-room]");
        await Assertions.Expect(rows).ToHaveCountAsync(100);

        await (await alice.EnterAsync("/room/r120/")).SayAsync("這裡還有人");

        await Assertions.Expect(page.Locator("[data-room=r120] .badge")).ToHaveTextAsync("1");
        await Assertions.Expect(rows.First).ToHaveAttributeAsync("data-room", "r120");
        await Assertions.Expect(rows).ToHaveCountAsync(100);
        await Assertions.Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\(1\)"));

        // Whoever looks for a room looks among all.
        await page.GetByPlaceholder("搜尋聊天室").FillAsync("r128");
        await Assertions.Expect(page.Locator("#room-list [data-room]:visible")).ToHaveAttributeAsync("data-room", "r128");
        await page.GetByPlaceholder("搜尋聊天室").FillAsync("");
        await Assertions.Expect(rows).ToHaveCountAsync(Rooms);

        // And without looking, at the end of the list.
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "顯示全部聊天室" }).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(Rooms);
        await Assertions.Expect(page.Locator("#room-list :focus")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "顯示全部聊天室" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task That_one_was_added_to_a_room_while_the_connection_was_away_is_seen_when_it_is_back()
    {
        await using var server = await TestServer.StartAsync();
        var bobId = await server.AddUserAsync("bob");
        await AddToAsync("r0");
        await using var bob = await chromium.SignInAsync(server, "bob", new ProfileOptions { Phone = true, Dark = true });
        var page = await bob.EnterAsync("/room/r0/");
        var row = page.Locator("#room-list [data-room=r1]");
        // Nobody is told, as happens to whoever is not there.
        await AddToAsync("r1");
        await Assertions.Expect(row).ToHaveCountAsync(0);

        foreach (var connection in server.Get<ConnectionRegistry>().Connections)
        {
            connection.Close(CloseCode.Restart);
        }

        await Assertions.Expect(row).ToHaveCountAsync(1);

        Task AddToAsync(string name) => server.Get<Db>().WriteAsync(async session =>
        {
            var at = DateTimeOffset.UnixEpoch;
            var room = await server.Get<RoomStore>().InsertAsync(session, "room", name, name, "", Access.Members, null, at);
            await server.Get<RoomStore>().AddMemberAsync(session, room!.Id, bobId, Role.Member, 0, at);
        }, TestContext.Current.CancellationToken);
    }
}
