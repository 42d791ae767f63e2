using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Teahouse.Accounts;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.BrowserTests;

/// <summary>Every page, desktop and phone, light and dark: no accessibility violation, nothing wider than the screen, no English in Chinese; with <c>SCREENS=on</c> in the environment a picture of each in
/// <c>artifacts/screens/</c>, which takes a minute.</summary>
public sealed class PagesTests(Chromium chromium)
{
    private static readonly bool TakesPictures = Environment.GetEnvironmentVariable("SCREENS") == "on";

    private static readonly Lazy<string> Axe = new(() => Repository.Read("node_modules/axe-core/axe.min.js"));

    /// <summary>Name, address, whether one is signed in, the answer's status.</summary>
    private static readonly (string Name, string Path, bool SignedIn, int Status)[] Pages =
    [
        ("login", "/login/", false, 200),
        ("signup", "/signup/", false, 200),
        ("forgot", "/forgot/", false, 200),
        ("reset-spent", "/reset/?token=nothing", false, 403),
        ("email-spent", "/settings/email/?token=nothing", false, 403),
        ("lobby", "/chat/", false, 200),
        ("guest-room", "/chat/plaza/?username=小美", false, 200),
        ("bad-room", "/chat/no spaces/", false, 400),
        ("home", "/", true, 200),
        ("create", "/create/", true, 200),
        ("room", "/room/tea/", true, 200),
        ("empty-room", "/room/quiet/", true, 200),
        ("room-settings", "/room/tea/settings/", true, 200),
        ("hooks", "/room/tea/settings/hooks/", true, 200),
        ("docs", "/docs/", true, 200),
        ("settings", "/settings/", true, 200),
        ("data", "/settings/data/", true, 200),
        ("webhooks", "/settings/webhooks/", true, 200),
        ("webhook", "/settings/webhooks/1/", true, 200),
        ("admin", "/admin/", true, 200),
        ("admin-users", "/admin/users/", true, 200),
        ("admin-user", "/admin/users/2/", true, 200),
        ("admin-guests", "/admin/guests/", true, 200),
        ("admin-rooms", "/admin/rooms/", true, 200),
        ("admin-projects", "/admin/projects/", true, 200),
        ("admin-invites", "/admin/invites/", true, 200),
        ("admin-tokens", "/admin/tokens/", true, 200),
        ("admin-hooks", "/admin/hooks/", true, 200),
        ("admin-webhooks", "/admin/webhooks/", true, 200),
        ("admin-messages", "/admin/messages/", true, 200),
        ("admin-state", "/admin/state/", true, 200),
        ("admin-audit", "/admin/audit/", true, 200),
        ("projects", "/projects/", true, 200),
        ("projects-visitor", "/projects/", false, 200),
        ("projects-none", "/projects/?q=%E6%B2%92%E6%9C%89", true, 200),
        ("project-own", "/projects/cups/", true, 200),
        ("project", "/projects/oolong/", true, 200),
        ("project-nobody", "/projects/cups/", false, 200),
        ("project-new", "/projects/new/", true, 200),
        ("project-edit", "/projects/cups/edit/", true, 200),
        ("project-delete", "/projects/cups/delete/", true, 200),
        ("chats", "/chats/project/cups/list/", true, 200),
        ("chats-none", "/chats/project/empty/list/", true, 200),
        ("chat-visitor", "/chats/project/oolong/", true, 200),
        ("not-found", "/room/nothing/", true, 404),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_is_sound(bool phone)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await TestServer.StartAsync([("WEBHOOK_ALLOW_PRIVATE", "on"), ("SMTP_URL", "smtp://127.0.0.1:9"), ("MAIL_FROM", "teahouse@example.org")]);
        await FurnishAsync(server);
        await FurnishWebhookAsync(server, receiver);
        var options = new ProfileOptions { Phone = phone };
        await using var alice = await chromium.SignInAsync(server, "alice", options);
        await using var nobody = await chromium.OpenAsync(server, options);
        List<string> found = [];
        foreach (var (name, path, signedIn, status) in Pages)
        {
            var page = await (signedIn ? alice : nobody).NewPageAsync();
            var answer = await page.GotoAsync(path);
            Assert.Equal(status, answer?.Status);
            if (await page.Locator("#link-state").CountAsync() > 0)
            {
                await page.WaitForOnlineAsync();
            }
            if (name == "docs")
            {
                await page.Locator("#api[aria-busy=false]").WaitForAsync();
                await page.Locator("#operations-Messages-postMessage button").First.ClickAsync();
                await page.Locator("#operations-Rooms-listRooms button").First.ClickAsync();
                await page.Locator("#operations-Rooms-listRooms .try-out__btn").ClickAsync();
                await page.Locator("#operations-Rooms-listRooms .execute").ClickAsync();
                await page.Locator("#operations-Rooms-listRooms .live-responses-table .response").WaitForAsync();
                await page.Locator(".models-control").ClickAsync();
                await page.Locator(".models").GetByText("RoomAnswer", new() { Exact = true }).ClickAsync();
                await page.Locator(".models").GetByText("last_message_at", new() { Exact = true }).WaitForAsync();
            }
            await InspectAsync(page, $"{name}-{(phone ? "phone" : "desktop")}", found);
            await page.CloseAsync();
        }
        var reset = await server.Get<MakeResetLink>().ExecuteAsync(Caller.System with { IsAdmin = true }, await server.AddUserAsync("forgetful"), TestContext.Current.CancellationToken);
        foreach (var (name, path) in ((string, string)[])[("reset", reset), .. await FurnishSinksAsync(server)])
        {
            var page = await (name == "reset" ? nobody : alice).NewPageAsync();
            Assert.Equal(200, (await page.GotoAsync(path))?.Status);
            await InspectAsync(page, $"{name}-{(phone ? "phone" : "desktop")}", found);
            await page.CloseAsync();
        }
        await InspectOwnersChatAsync(alice, $"chat-owner-{(phone ? "phone" : "desktop")}", found);
        if (phone)
        {
            var page = await alice.EnterAsync("/room/tea/");
            await page.Locator(".conv-head .only-narrow").ClickAsync();
            await InspectAsync(page, "drawer-phone", found);
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
        Assert.Empty(alice.Problems);
        Assert.Empty(nobody.Problems);
    }

    [Fact]
    public async Task The_first_page_of_all_makes_the_administrator()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await chromium.OpenAsync(server, new ProfileOptions());
        var page = await first.NewPageAsync();
        await page.GotoAsync("/");
        List<string> found = [];
        await InspectAsync(page, "setup-desktop", found);
        Assert.Empty(found);

        await page.Locator("[name=username]").FillAsync("老闆");
        await page.Locator("[name=password1]").FillAsync("correct horse battery staple");
        await page.Locator("[name=password2]").FillAsync("correct horse battery staple");
        await page.Locator("button.btn-primary").ClickAsync();

        await page.Locator(".pane-foot .me").GetByText("老闆").WaitForAsync();
    }

    private static async Task InspectOwnersChatAsync(Profile alice, string name, List<string> found)
    {
        var page = await alice.NewPageAsync();
        await page.GotoAsync("/chats/project/cups/list/");
        await page.Locator("#chats .list-link").First.ClickAsync();
        await page.WaitForOnlineAsync();
        await InspectAsync(page, name, found);
        await page.Locator("[aria-controls=side]").ClickAsync();
        await page.Locator("#side summary").ClickAsync();
        await InspectAsync(page, name + "-side", found);
        await page.CloseAsync();
    }

    /// <summary>A house that looks lived in.</summary>
    private static async Task FurnishAsync(TestServer server)
    {
        await server.AddUserAsync("alice", isAdmin: true);
        await Journeys.CreateRoomAsync(server, "alice", "tea", title: "喝茶聊天", topic: "今天泡什麼茶？", access: "guests");
        await Journeys.CreateRoomAsync(server, "alice", "quiet", title: "安靜的房間");
        await Journeys.CreateRoomAsync(server, "bob", "團購", title: "春茶團購", topic: "每月一次，請在月底前登記");
        await Journeys.CreateRoomAsync(server, "bob", "開發", title: "開發討論");
        using var bob = await server.SignInAsync("bob");
        using var alice = await server.SignInAsync("alice");
        using var join = await alice.PostFormFromAsync("/", $"/room/{Uri.EscapeDataString("開發")}/join/");
        await SayAsync(bob, "tea", "早安！今天有人要一起去茶館嗎？");
        await SayAsync(bob, "tea", "聽說新到的高山烏龍很香。");
        await SayAsync(alice, "tea", "好啊，下午三點左右可以。");
        await SayAsync(alice, "tea", "我順便帶上次說的那本書，裡面有一章專門講 oolong 的烘焙：https://example.org/oolong");
        await SayAsync(bob, "tea", "太好了，那就三點見。\n需要我先訂位嗎？");
        await SayAsync(bob, "開發", "新版已經上線，請大家試試看。");
        await using var guest = await SocketClient.ConnectAsync(server, "/ws/chat/tea/");
        await guest.SendAsync(new { message = "我也想加入，可以嗎？", username = "路過的人" });
        await guest.ReceiveAsync();
        await FurnishProjectsAsync(server, alice, bob);
    }

    private static async Task FurnishProjectsAsync(TestServer server, HttpClient alice, HttpClient bob)
    {
        await alice.CreateProjectAsync("柴燒手工茶杯", "每一只都在自家的窯裡燒七天，釉色不會重複。\n\n第一批只有二十只，作法寫在 https://example.org/kiln 。", "cups");
        await alice.CreateProjectAsync("茶席花藝讀書會", slug: "empty");
        await bob.CreateProjectAsync("高山烏龍共同採購", "直接向梨山的茶農訂購，十斤成單；想先試喝的朋友請留言。", "oolong");
        foreach (var (name, text) in new[] { ("小華", "請問杯子可以刻字嗎？"), ("志明", "想訂兩只，什麼時候可以取貨？"), ("bob", "借我看看窯！") })
        {
            using var visitor = await server.SignInAsync(name);
            using var sent = await visitor.PostFormFromAsync("/", "/chats/project/cups/", ("content", text));
        }
        using var looker = await server.SignInAsync("路人");
        await looker.OpenChatAsync("cups");
        using var asked = await alice.PostFormFromAsync("/", "/chats/project/oolong/", ("content", "還可以加訂嗎？"));
        var room = await alice.OpenChatAsync("oolong");
        using var answered = await bob.PostFormFromAsync("/", $"/chats/project/oolong/{room}/", ("content", "可以，這個月底前都行。"));
    }

    /// <summary>A webhook that has been sent something, and whose receiver is tired of it.</summary>
    private static async Task FurnishWebhookAsync(TestServer server, WebhookReceiver receiver)
    {
        using var bot = await server.CreateBotAsync("alice", "admin");
        string[] rooms = ["tea", "quiet"];
        (await bot.PostAsJsonAsync("/api/v1/webhooks", new { url = new Uri(receiver.Address, "/收信"), rooms })).EnsureSuccessStatusCode();
        receiver.AnswerWith(200, "收到了，謝謝。");
        (await bot.PostAsJsonAsync("/api/v1/webhooks/1/replay", new { first = 1, last = 6 })).EnsureSuccessStatusCode();
        await receiver.WaitAsync(3);
        receiver.AnswerWith(503, "{\"error\":\"維護中\"}");
        (await bot.PostAsJsonAsync("/api/v1/webhooks/1/test", new { })).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => (await bot.GetStringAsync("/api/v1/webhooks/1/deliveries")).Contains("503", StringComparison.Ordinal));
    }

    /// <summary>Sinks in every state, and their pages.</summary>
    private static async Task<(string Name, string Path)[]> FurnishSinksAsync(TestServer server)
    {
        var store = server.Get<SinkStore>();
        const string Config = """{"Spreadsheet":"1XPTaBc-zPwU-0123456789abcdefghijklmnopqrst","Tab":"茶館紀錄","Account":"teahouse@example.iam.gserviceaccount.com"}""";
        return await server.Get<Db>().WriteAsync(async session =>
        {
            List<long> ids = [];
            foreach (var name in (string[])["茶館紀錄", "客服備份", "活動"])
            {
                ids.Add(await store.CreateAsync(session, new NewSink { Kind = "sheet", Name = name, Config = Config }));
            }
            await session.ExecuteAsync("""
                UPDATE sinks
                SET state = 'waiting', cursor_id = 3, delivered = 3, wait_until = 4102444800000, last_success_at = 1700000000000, last_error_at = 1700000100000,
                    reason = 'google: 503 UNAVAILABLE The service is currently unavailable.', last_error = 'google: 503 UNAVAILABLE The service is currently unavailable.'
                WHERE id = @id
                """, new { id = ids[0] });
            await store.PauseAsync(session, ids[1], new SinkReason("google", "403 PERMISSION_DENIED The caller does not have permission"));
            return new (string, string)[] { ("admin-sinks", "/admin/sinks/"), ("admin-sink", $"/admin/sinks/{ids[0]}/"), ("admin-sheet-new", "/admin/sinks/new/") };
        }, TestContext.Current.CancellationToken);
    }

    private static async Task SayAsync(HttpClient client, string room, string text)
    {
        var path = $"/room/{Uri.EscapeDataString(room)}/";
        using var response = await client.PostFormAsync(path, ("content", text));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, response.StatusCode);
    }

    internal static async Task InspectAsync(IPage page, string name, List<string> found)
    {
        // A page that scrolls in its pane is looked at in full.
        var below = await page.EvaluateAsync<int>("() => { const pane = document.querySelector('.pane-main:has(> .sheet)'); return pane ? pane.scrollHeight - pane.clientHeight : 0; }");
        if (below > 0 && page.ViewportSize is { } size)
        {
            await page.SetViewportSizeAsync(size.Width, size.Height + below);
        }
        await page.EvaluateAsync(Axe.Value);
        foreach (var theme in (string[])["light", "dark"])
        {
            // The page follows the system while it is open.
            await page.EmulateMediaAsync(new() { ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light });
            if (TakesPictures)
            {
                await page.ScreenshotAsync(new() { Path = Repository.PathOf($"artifacts/screens/{name}-{theme}.png") });
            }
            // Another theme changes nothing but colours.
            var rules = theme == "dark" ? "runOnly: ['color-contrast'], " : "";
            var violations = await page.EvaluateAsync<JsonElement>($"async () => (await axe.run(document, {{ {rules}resultTypes: ['violations'] }})).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.failureSummary ?? '')).join(' | '))");
            found.AddRange(violations.EnumerateArray().Select(violation => $"{name}-{theme}: {violation.GetString()}"));
        }
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"))
        {
            found.Add($"{name}: wider than the screen");
        }
        // What people wrote and names of things may be Latin; the interface's own words may not.
        var english = await page.EvaluateAsync<string[]>("""
            () => {
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              const words = [];
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const parent = node.parentElement;
                if (!parent || parent.closest('bdi, .prose, textarea, [data-slot=text], [data-slot=last], script, style, template, option, code, svg, time')) continue;
                // In the API's reference: addresses, methods, types and names of fields.
                if (parent.closest('[data-path], .opblock-summary-method, [class*=parameter__], [class*=json-schema-2020-12__], .response-col_status, .microlight, pre')) continue;
                const found = node.textContent.match(/[A-Za-z]{4,}/g) ?? [];
                words.push(...found.filter(word => !['alice', 'Teahouse', 'Slack', 'Google', 'English', 'Enter', 'Shift', 'Ctrl', 'Cookie', 'JSON', 'HTTP', 'HTTPS'].includes(word)));
              }
              return words;
            }
            """);
        found.AddRange(english.Select(word => $"{name}: the word {word}"));
    }
}
