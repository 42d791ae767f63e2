using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

public sealed class HistoryTests(Chromium chromium)
{
    private const int Messages = 100_000;

    private const string Fill = """
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
        INSERT INTO messages (room_id, seq, rev, kind, author_name, is_guest, text, created_at)
        SELECT @roomId, i, i, 'text', CASE i % 3 WHEN 0 THEN 'mia' ELSE 'leo' END, TRUE, 'number ' || i, 1700000000000 + i * 60000 FROM n
        """;

    private const string Head = "UPDATE rooms SET rev = @count, last_seq = @count, last_message_at = 1700000000000 + @count * 60000 WHERE id = @roomId";

    [Fact]
    public async Task Scrolling_up_through_a_hundred_thousand_messages_never_jumps()
    {
        await using var server = await TestServer.StartAsync();
        await Journeys.CreateRoomAsync(server, "alice", "long");
        await server.Get<Db>().WriteAsync(async session =>
        {
            var roomId = await session.GetAsync<long>("SELECT id FROM rooms WHERE name = 'long'");
            await session.ExecuteAsync(Fill, new { roomId, count = Messages });
            await session.ExecuteAsync(Head, new { roomId, count = Messages });
            await session.ExecuteAsync("UPDATE memberships SET last_read_seq = @count WHERE room_id = @roomId", new { roomId, count = Messages });
        }, TestContext.Current.CancellationToken);
        await using var alice = await chromium.SignInAsync(server, "alice");
        var page = await alice.EnterAsync("/room/long/");
        await page.SeeAsync($"number {Messages}");

        var oldest = Messages;
        for (var pages = 0; pages < 8; pages++)
        {
            var first = page.Locator("#timeline > li[data-seq]").First;
            var before = int.Parse(await first.GetAttributeAsync("data-seq") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            // What is read stays where it is while older messages come in above it.
            var moved = await page.EvaluateAsync<double>("""
                async () => {
                  const scroller = document.getElementById('scroller');
                  scroller.scrollBy(0, -(scroller.scrollHeight));
                  scroller.scrollBy(0, 40);
                  await new Promise(requestAnimationFrame);
                  const anchor = [...document.querySelectorAll('#timeline > li')].find(row => row.getBoundingClientRect().bottom > scroller.getBoundingClientRect().top + 5);
                  const place = () => anchor.querySelector('[data-slot=text]').getBoundingClientRect().top;
                  const at = place();
                  const count = () => document.querySelector('#timeline > li[data-seq]').dataset.seq;
                  const seq = count();
                  const until = performance.now() + 10000;
                  while (count() === seq && performance.now() < until) await new Promise(requestAnimationFrame);
                  await new Promise(requestAnimationFrame);
                  return Math.abs(place() - at);
                }
                """);
            Assert.True(moved < 3, $"The page jumped by {moved} px.");
            oldest = int.Parse(await first.GetAttributeAsync("data-seq") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(oldest < before);
            Assert.True(await page.Locator("#timeline > li").CountAsync() <= 360);
        }
        var numbers = await page.EvaluateAsync<int[]>("() => [...document.querySelectorAll('#timeline > li[data-seq]')].map(row => Number(row.dataset.seq))");
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Length), numbers);
        await page.Locator("#to-latest").ClickAsync();
        await page.SeeAsync($"number {Messages}");
    }
}
