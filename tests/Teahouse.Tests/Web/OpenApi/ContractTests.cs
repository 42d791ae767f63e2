using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web.OpenApi;

/// <summary>Every call of the document with values of every kind: never a failure of the server, never what is another's, always an answer that is documented.</summary>
[Trait("Speed", "Medium")]
public sealed class ContractTests
{
    private const int Requests = 2400;
    private const string Secret = "geheimnis-7f3a";

    private static readonly string?[] Hostile =
    [
        null, "", " ", "x", "0", "-1", "1", "9223372036854775807", "9223372036854775808", "1e400", "true", "\u0000", "\ud800", "\u202eevil", "a/b", "..", "%00", "'; DROP TABLE users; --",
        "<script>alert(1)</script>", "{{7*7}}", "=HYPERLINK(\"x\")", new string('長', 9000), "🍵", "den", "private-den", "alice", "mallory", "csv", "read", "owner", "https://a.example/in", "\r\nX-Evil: 1",
    ];

    private static readonly string[] RawBodies = ["", "{", "null", "[]", "\"x\"", "1", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}", "{\"message\":\"x\",\"message\":\"y\"}", "\u00ff\u00fe"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_the_answer_is_documented()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0"), ("LIMIT_LOGINS_PER_MINUTE", "0"), ("LIMIT_SOCKETS_PER_USER", "0"), ("LIMIT_SOCKETS_PER_ADDRESS", "0")]);
        var callers = await PrepareAsync(server);
        var document = await DocumentTests.ReadAsync(server);
        var operations = DocumentTests.Operations(document).ToList();
        var schema = new JsonSchema(document);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), out var given) ? given : 20261121;
        var random = new Random(seed);
        List<string> wrong = [];
        var since = Stopwatch.GetTimestamp();

        for (var turn = 0; turn < Requests && wrong.Count < 20; turn++)
        {
            var (path, method, operation) = operations[turn % operations.Count];
            var (who, client) = callers[random.Next(callers.Count)];
            using var request = Make(path, method, operation, schema, random);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var told = $"seed {seed} turn {turn}: {method} {request.RequestUri} as {who}: {(int)response.StatusCode}";
            var type = response.Content.Headers.ContentType?.MediaType;
            // A stream has no end.
            var body = type == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync(patience.Token);
            if (who != "mallory" && body.Contains(Secret, StringComparison.Ordinal))
            {
                wrong.Add($"{told} shows what is another's");
            }
            wrong.AddRange(Judge(response, type, body, operation, schema).Select(what => $"{told} {what}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        TestContext.Current.SendDiagnosticMessage("{0} requests in {1}", Requests, Stopwatch.GetElapsedTime(since));
        foreach (var (_, client) in callers)
        {
            client.Dispose();
        }
    }

    private static async Task<List<(string Who, HttpClient Client)>> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "members");
        using var mallory = await server.SignInAsync("mallory");
        await mallory.CreateRoomAsync("private-den", "private");
        var owner = await server.CreateBotAsync("mallory", "admin");
        using var said = await owner.PostAsJsonAsync("/api/v1/rooms/private-den/messages", new { message = Secret }, Ct);
        Assert.True(said.IsSuccessStatusCode);
        return
        [
            ("nobody", server.CreateClient()),
            ("alice reading", await server.CreateBotAsync("alice", "read")),
            ("alice writing", await server.CreateBotAsync("alice", "write")),
            ("alice", await server.CreateBotAsync("alice", "admin")),
            ("alice by password", server.CreateBasic("alice", TestAccounts.Password)),
            ("alice's browser", await server.SignInAsync("alice")),
            ("a wrong token", server.CreateBearer("tea_wrong")),
            ("bob", await server.CreateBotAsync("bob", "admin")),
        ];
    }

    private static IEnumerable<string> Judge(HttpResponseMessage response, string? type, string body, JsonObject operation, JsonSchema schema)
    {
        var status = (int)response.StatusCode;
        if (status >= 500)
        {
            yield return "failed";
        }
        // What is no such address after all is nobody's call.
        var documented = operation["responses"]![$"{status}"];
        if (documented is null)
        {
            if (status is not (404 or 405))
            {
                yield return $"is not documented: {body}";
            }
            yield break;
        }
        if (documented["content"] is not JsonObject content)
        {
            if (body.Length > 0)
            {
                yield return $"should be empty: {body}";
            }
            yield break;
        }
        if (type is null || content[type] is not { } media)
        {
            // The older chat's words for an empty message stand alone. An address that is none is refused by the web server itself.
            if (!(status == 400 && body.Length == 0 && response.RequestMessage!.RequestUri!.AbsolutePath.Contains("%00", StringComparison.Ordinal)) && !body.StartsWith("{\"error\":", StringComparison.Ordinal) && status is not (404 or 405))
            {
                yield return $"is of type {type}: {body}";
            }
            yield break;
        }
        if (type.EndsWith("json", StringComparison.Ordinal) && type != "application/jsonl")
        {
            foreach (var what in schema.Check(JsonNode.Parse(body), media["schema"]))
            {
                yield return what;
            }
        }
    }

    private static HttpRequestMessage Make(string path, string method, JsonObject operation, JsonSchema schema, Random random)
    {
        var query = new StringBuilder();
        var request = new HttpRequestMessage { Method = new HttpMethod(method) };
        foreach (var parameter in operation["parameters"] as JsonArray ?? [])
        {
            var name = (string)parameter!["name"]!;
            var value = Value(parameter["schema"], random);
            switch ((string)parameter["in"]!)
            {
                case "path":
                    var known = name switch { "room" => "den", "user" => "alice", "slug" => "none", _ => "1" };
                    // Two dots alone this client takes for the way up, and asks for another path.
                    path = path.Replace($"{{{name}}}", Escape(random.Next(3) > 0 ? known : value is { Length: > 0 } and not ".." ? value : "x"), StringComparison.Ordinal);
                    break;
                case "query" when value is not null && random.Next(2) == 0:
                    query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Escape(value));
                    break;
                // Neither this client nor HTTP itself lets others through.
                case "header" when value is not null && value.All(each => each is >= ' ' and <= '~'):
                    request.Headers.TryAddWithoutValidation(name, value);
                    break;
                default:
                    break;
            }
        }
        request.RequestUri = new Uri(path + query, UriKind.Relative);
        if (operation["requestBody"]?["content"] is JsonObject content)
        {
            request.Content = Body(content, schema, random);
        }
        return request;
    }

    private static StringContent? Body(JsonObject content, JsonSchema schema, Random random)
    {
        var (type, media) = content.ElementAt(random.Next(content.Count));
        switch (random.Next(10))
        {
            case 0:
                return null;
            case 1:
                return new StringContent(RawBodies[random.Next(RawBodies.Length)], Encoding.UTF8, random.Next(4) == 0 ? "text/plain" : "application/json");
            default:
                var fields = Resolve(media!["schema"], schema)?["properties"]?.AsObject() ?? [];
                if (type != "application/json")
                {
                    var pairs = fields.Select(field => $"{field.Key}={Escape(Hostile[random.Next(Hostile.Length)] ?? "")}");
                    return new StringContent(string.Join('&', pairs), Encoding.UTF8, "application/x-www-form-urlencoded");
                }
                var members = fields.Where(_ => random.Next(5) > 0).Select(field => $"\"{field.Key}\":{Json(field.Value, random)}");
                return new StringContent($"{{{string.Join(',', members)}}}", Encoding.UTF8, "application/json");
        }
    }

    private static JsonNode? Resolve(JsonNode? schema, JsonSchema all) => (string?)schema?["$ref"] is { } reference ? all.Resolve(reference) : schema;

    /// <summary>A value that fits, or one of the hostile ones, or of another kind.</summary>
    private static string Json(JsonNode? schema, Random random) => random.Next(6) switch
    {
        0 => "null",
        1 => "12345678901234567890",
        2 => "[1,{\"x\":[]}]",
        3 when schema?["enum"] is JsonArray { Count: > 0 } allowed => allowed[random.Next(allowed.Count)]?.ToJsonString() ?? "null",
        _ => Hostile[random.Next(Hostile.Length)] is { } text ? Quote(text) : "true",
    };

    private static string Quote(string text) => text == "\ud800" ? "\"\\ud800\"" : JsonValue.Create(text).ToJsonString();

    private static string? Value(JsonNode? schema, Random random) =>
        schema?["enum"] is JsonArray { Count: > 0 } allowed && random.Next(2) == 0 ? (string?)allowed[random.Next(allowed.Count)] : Hostile[random.Next(Hostile.Length)];

    private static string Escape(string value) => value == "\ud800" ? "%ED%A0%80" : value is "." or ".." ? "%2E%2E" : Uri.EscapeDataString(value.Length > 300 ? value[..300] : value);
}
