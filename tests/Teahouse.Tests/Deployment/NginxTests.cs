using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

/// <summary>nginx with the configuration of <c>deploy/</c> before nodes that say what reached them.</summary>
[Trait("Speed", "Medium")]
public sealed partial class NginxTests(NginxTests.Site site) : IClassFixture<NginxTests.Site>
{
    private static readonly string Configuration = Repository.Read("deploy/nginx.conf");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Nginx_accepts_the_file(bool withTls)
    {
        var (exitCode, output) = await NginxProcess.CheckAsync(withTls);

        Assert.True(exitCode == 0, output);
        Assert.NotEqual(0, (await NginxProcess.CheckAsync(withTls, text => text.Replace("gzip on;", "gzip maybe;", StringComparison.Ordinal))).ExitCode);
    }

    [Fact]
    public async Task What_the_guide_changes_for_a_machine_without_containers_is_all_that_must_change()
    {
        var commands = Regex.Match(Repository.Read("docs/operations.md"), @"^sed -e 's\|\^pid.*? deploy/nginx\.conf(?= > )", RegexOptions.Multiline | RegexOptions.Singleline).Value;
        using var sed = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash", ["-c", commands]) { WorkingDirectory = Repository.PathOf("."), RedirectStandardOutput = true })!;
        var text = await sed.StandardOutput.ReadToEndAsync(Ct);

        // That of the unit, which waits for it; and logs that a service can open, whose output is a socket.
        Assert.Contains("\npid /run/nginx.pid;\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/dev/std", text, StringComparison.Ordinal);
        Assert.DoesNotContain("web-", text.Split("map ")[0], StringComparison.Ordinal);
        Assert.Contains("listen 80 default_server", text, StringComparison.Ordinal);
        var (exitCode, output) = await NginxProcess.CheckAsync(withTls: false, _ => text
            .Replace("listen 80 ", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"listen 127.0.0.1:{Ports.Free()} "), StringComparison.Ordinal)
            .Replace("listen 127.0.0.1:8081;", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"listen 127.0.0.1:{Ports.Free()};"), StringComparison.Ordinal));
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void Its_limits_are_the_programs()
    {
        var defaults = KnownSettings.Defaults;

        Assert.Equal(1024 * 1024, defaults.BodyBytes);
        Assert.Equal("1m", Value("client_max_body_size"));
        Assert.Equal(defaults.RequestHeaders, Seconds("client_header_timeout"));
        Assert.True(Seconds("proxy_read_timeout") > defaults.Ping + defaults.Pong);
        Assert.True(Seconds("proxy_read_timeout") > defaults.Heartbeat * 2);
        // Otherwise the node ends kept connections first.
        Assert.True(TimeSpan.FromSeconds(Kept().Matches(Configuration).Max(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))) < defaults.RequestIdle);
        Assert.True(int.Parse(Regex.Match(Configuration, @"rate=(\d+)r/s").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > defaults.RequestsPerSecond);
    }

    [Theory, InlineData("", 400, 404, 413, 429, 503), InlineData(".zh-Hans", 400, 404, 413, 429, 503), InlineData(".en", 400, 404, 413, 429, 503)]
    public void Its_sentences_are_the_programs(string language, params int[] statuses)
    {
        var texts = System.Xml.Linq.XDocument.Parse(Repository.Read($"src/Teahouse/Web/ErrorText{language}.resx")).Descendants("data").ToDictionary(data => (string)data.Attribute("name")!, data => (string)data.Element("value")!);

        Assert.All(statuses, status => Assert.Contains($"\"{texts[$"Text.{status}"]}\"", Configuration, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zh-TW,zh;q=0.9,en;q=0.8", "伺服器忙碌中，請稍後再試。")]
    [InlineData("zh-CN,zh;q=0.9", "服务器繁忙，请稍后再试。")]
    [InlineData("en-GB", "The server is busy; please try again shortly.")]
    [InlineData("fr", "伺服器忙碌中，請稍後再試。")]
    public async Task With_no_node_left_it_says_so_in_the_readers_language(string languages, string sentence)
    {
        await using var nginx = await NginxProcess.StartAsync(new Dictionary<string, string> { ["web-1:8000"] = "127.0.0.1:1", ["web-2:8000"] = "127.0.0.1:2" });
        using var client = ClientOf(nginx.Address);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(languages);

        using var page = await client.GetAsync(new Uri("/room/tea/?x=1", UriKind.Relative), Ct);
        using var call = await client.PostAsync(new Uri("/api/v1/rooms/tea/messages", UriKind.Relative), new StringContent("{}"), Ct);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (page.StatusCode, call.StatusCode));
        Assert.Equal("text/plain; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        Assert.Equal(sentence, await page.Content.ReadAsStringAsync(Ct));
        Assert.Equal("application/problem+json", call.Content.Headers.ContentType?.ToString());
        var problem = JsonNode.Parse(await call.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal((sentence, 503, "busy"), ((string?)problem["title"], (int)problem["status"]!, (string?)problem["code"]));
        Assert.All((HttpResponseMessage[])[page, call], answer => Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta));
    }

    [Theory, InlineData("/healthz"), InlineData("/readyz/"), InlineData("/metrics"), InlineData("/METRICS"), InlineData("//healthz"), InlineData("/x/../readyz"), InlineData("/%68ealthz"), InlineData("/healthz?x=1")]
    public async Task Probes_are_not_for_the_world(string path)
    {
        var answer = await SendRawAsync($"GET {path} HTTP/1.1\r\nHost: tea.example\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("seen", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_may_be_as_large_as_for_the_program_and_no_larger()
    {
        using var client = ClientOf(site.Nginx.Address);

        using var fits = await client.PostAsync(new Uri("/api/v1/me", UriKind.Relative), new ByteArrayContent(new byte[1024 * 1024]), Ct);
        using var tooLarge = await client.PostAsync(new Uri("/api/v1/me", UriKind.Relative), new ByteArrayContent(new byte[(1024 * 1024) + 1]), Ct);

        Assert.Equal(1024 * 1024, (int)JsonNode.Parse(await fits.Content.ReadAsStringAsync(Ct))!["bytes"]!);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        Assert.Equal("too_large", (string?)JsonNode.Parse(await tooLarge.Content.ReadAsStringAsync(Ct))!["code"]);
    }

    [Fact]
    public async Task What_a_client_says_about_itself_is_not_passed_on()
    {
        var answer = await SendRawAsync("GET / HTTP/1.1\r\nHost: tea.example:81\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"
            + "Forwarded: for=6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nConnection: close\r\n\r\n");

        var seen = JsonNode.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])!["seen"]!;
        Assert.Equal(("127.0.0.1", "tea.example:81", "http", "tea.example:81"),
            ((string?)seen["X-Forwarded-For"], (string?)seen["X-Forwarded-Host"], (string?)seen["X-Forwarded-Proto"], (string?)seen["Host"]));
        Assert.DoesNotContain("6.6.6.6", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", answer, StringComparison.Ordinal);
    }

    [Theory, InlineData("websocket", "websocket"), InlineData("WebSocket", "websocket"), InlineData("h2c", null), InlineData("websocket, h2c", null), InlineData("TLS/1.0", null)]
    public async Task No_upgrade_but_WebSocket_is_passed_on(string asked, string? passed)
    {
        var answer = await SendRawAsync($"GET /ws/ HTTP/1.1\r\nHost: tea.example\r\nUpgrade: {asked}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: close, Upgrade, HTTP2-Settings\r\n\r\n");

        var seen = JsonNode.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])!["seen"]!;
        Assert.Equal(passed, (string?)seen["Upgrade"]);
        Assert.Equal(passed is null, !string.Equals("upgrade", (string?)seen["Connection"], StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6")]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity")]
    public async Task A_request_with_two_lengths_reaches_nobody(string headers)
    {
        var path = $"/smuggle-{Guid.NewGuid():N}/";

        var answer = await SendRawAsync($"POST {path} HTTP/1.1\r\nHost: tea.example\r\n{headers}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Matches("^HTTP/1.1 (400|501)", answer);
        Assert.DoesNotContain(site.Paths, seen => seen.Contains("smuggle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dying_node_is_replaced_only_for_what_may_happen_twice()
    {
        await using var first = new DyingNode();
        await using var second = new DyingNode();
        await using var nginx = await NginxProcess.StartAsync(new Dictionary<string, string> { ["web-1:8000"] = first.Address, ["web-2:8000"] = second.Address });
        using var client = ClientOf(nginx.Address);

        using var get = await client.GetAsync(new Uri("/", UriKind.Relative), Ct);
        Assert.Equal(2, first.Requests + second.Requests);

        using var post = await client.PostAsync(new Uri("/", UriKind.Relative), new StringContent("x"), Ct);
        Assert.Equal(3, first.Requests + second.Requests);

        // The program stores what comes with a key once; on other addresses it does not know keys.
        foreach (var (path, key, asked) in new[] { ("/api/v1/rooms/tea/messages", "k", 2), ("/api/v1/rooms/tea/messages", "", 1), ("/api/v1/rooms", "k", 1) })
        {
            var before = first.Requests + second.Requests;
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent("{}") };
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);

            using var answer = await client.SendAsync(request, Ct);

            Assert.Equal(before + asked, first.Requests + second.Requests);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }
        await Eventually.TrueAsync(() => nginx.Output.Contains("POST \"/api/v1/rooms\" 503", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_node_that_is_down_never_saw_goes_to_the_other_one()
    {
        await using var nginx = await NginxProcess.StartAsync(new Dictionary<string, string> { ["web-1:8000"] = "127.0.0.1:1", ["web-2:8000"] = site.Node });
        using var client = ClientOf(nginx.Address);

        for (var i = 0; i < 10; i++)
        {
            using var answer = await client.PostAsync(new Uri("/login/", UriKind.Relative), new StringContent("x"), Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Its_log_has_no_address_no_query_and_no_secret()
    {
        using var client = ClientOf(site.Nginx.Address);
        using var hook = await client.GetAsync(new Uri("/hooks/T0PSECRET", UriKind.Relative), Ct);
        using var invited = await client.GetAsync(new Uri("/signup-logged/?invite=1NVITATION", UriKind.Relative), Ct);

        await Eventually.TrueAsync(() => site.Nginx.Output.Contains("/signup-logged/", StringComparison.Ordinal));
        Assert.Contains("/hooks/", site.Nginx.Output, StringComparison.Ordinal);
        Assert.All((string[])["T0PSECRET", "1NVITATION", "127.0.0.1 "], secret => Assert.DoesNotContain(secret, site.Nginx.Output, StringComparison.Ordinal));
    }

    private static string Value(string directive) => Assert.Single(Configuration.Split('\n'), line => line.TrimStart().StartsWith(directive + " ", StringComparison.Ordinal)).Trim()[(directive.Length + 1)..].Split(';')[0];

    private static TimeSpan Seconds(string directive) => TimeSpan.FromSeconds(int.Parse(Value(directive).TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture));

    private static HttpClient ClientOf(Uri address) => new(new SocketsHttpHandler()) { BaseAddress = address };

    /// <summary>Sends what no client library would, and returns all that comes back until nginx closes.</summary>
    private async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(site.Nginx.Address.Host, site.Nginx.Address.Port, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Ct);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }

    [GeneratedRegex(@"keepalive_timeout (\d+)s;\s+#")]
    private static partial Regex Kept();
}
