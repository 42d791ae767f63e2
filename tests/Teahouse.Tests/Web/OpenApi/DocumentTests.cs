using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web.OpenApi;

/// <summary>The API's document: committed, whole, and true of itself.</summary>
[Trait("Speed", "Medium")]
public sealed partial class DocumentTests
{
    private const string Committed = "docs/openapi.json";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_committed_document_is_the_one_that_is_served()
    {
        await using var server = await TestServer.StartAsync();
        var served = (await ReadAsync(server)).ToJsonString(Readable) + "\n";

        if (Environment.GetEnvironmentVariable("WRITE_OPENAPI") is not null)
        {
            await File.WriteAllTextAsync(Repository.PathOf(Committed), served, Ct);
        }

        Assert.Equal(Repository.Read(Committed), served);
    }

    [Fact]
    public async Task The_document_is_the_same_for_every_reader()
    {
        await using var server = await TestServer.StartAsync();
        using var one = server.CreateClient();
        using var other = server.CreateClient();
        other.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        other.DefaultRequestHeaders.Host = "localhost";

        Assert.Equal(await one.GetStringAsync("/openapi/v1.json", Ct), await other.GetStringAsync("/openapi/v1.json", Ct));
    }

    [Fact]
    public async Task Every_call_is_in_it_named_described_and_with_examples_that_fit()
    {
        await using var server = await TestServer.StartAsync();
        var document = await ReadAsync(server);
        var schema = new JsonSchema(document);
        var operations = Operations(document).ToList();

        var routes = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText?.TrimStart('/') is { } path && (path.StartsWith("api/", StringComparison.Ordinal) || path.StartsWith("hooks/", StringComparison.Ordinal)
                || path.StartsWith("chat/api/", StringComparison.Ordinal) || path.StartsWith("chats/api/", StringComparison.Ordinal)))
            .SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).ToList();
        Assert.Equal(routes.Count, operations.Count);
        Assert.Equal("3.1", ((string)document["openapi"]!)[..3]);
        Assert.Equal(operations.Count, operations.Select(each => (string?)each.Operation["operationId"]).Distinct().Count());
        Assert.All(operations, each => Assert.NotEmpty((string?)each.Operation["summary"] ?? ""));
        List<string> wrong = [];
        foreach (var (path, _, operation) in operations)
        {
            foreach (var (where, media) in Bodies(operation))
            {
                if (media["examples"] is JsonObject examples)
                {
                    wrong.AddRange(examples.SelectMany(example => schema.Check(example.Value!["value"], media["schema"], $"{path} {where} {example.Key}")));
                }
                else if (media.ContainsKey("example"))
                {
                    wrong.AddRange(schema.Check(media["example"], media["schema"], $"{path} {where}"));
                }
                else if (!where.Contains("form", StringComparison.Ordinal) && !where.EndsWith("text/plain", StringComparison.Ordinal))
                {
                    wrong.Add($"{path} {where} has no example");
                }
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task The_reference_is_shown_to_everybody_and_asks_no_other_site()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("admin", isAdmin: true);
        using var visitor = server.CreateClient();

        var page = await visitor.GetStringAsync("/docs/", Ct);

        Assert.Contains("data-document=\"/docs/v1.json\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh-TW")]
    [InlineData("zh-CN")]
    public async Task The_reference_is_in_the_readers_language_and_otherwise_the_same(string language)
    {
        await using var server = await TestServer.StartAsync();
        var english = await ReadAsync(server);
        var words = JsonNode.Parse(Repository.Read("src/Teahouse/Web/OpenApi/words.json"))!["document"]!.AsObject();

        using var reader = server.CreateClient();
        reader.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var document = JsonNode.Parse(await reader.GetStringAsync("/docs/v1.json", Ct))!.AsObject();
        reader.DefaultRequestHeaders.AcceptLanguage.Clear();
        reader.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        var forEnglish = JsonNode.Parse(await reader.GetStringAsync("/docs/v1.json", Ct));

        var texts = Texts(document).ToList();
        Assert.True(texts.Count > 500);
        Assert.All(texts, text => Assert.DoesNotMatch(EnglishWord(), Names().Replace(text, "")));
        Assert.Equal(Bare(english.DeepClone()).ToJsonString(), Bare(document).ToJsonString());
        Assert.True(JsonNode.DeepEquals(english, forEnglish));
        // Nothing is translated that nobody says any more.
        Assert.Empty(words.Select(word => word.Key).Except(Texts(english)));
    }

    /// <summary>What people read in it.</summary>
    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(Texts),
        JsonObject fields => fields.SelectMany(field => field.Key switch
        {
            "summary" or "description" or "title" or "error" when field.Value is JsonValue value && (field.Key != "title" || !fields.ContainsKey("version")) => [(string)value!],
            "example" => [],
            _ => Texts(field.Value),
        }),
        _ => [],
    };

    /// <summary>The document without what people read in it.</summary>
    private static JsonNode Bare(JsonNode node)
    {
        foreach (var item in node is JsonArray items ? items : [])
        {
            _ = item is null ? null : Bare(item);
        }
        if (node is JsonObject fields)
        {
            foreach (var (name, value) in fields.ToList())
            {
                if (name is "summary" or "description" or "title" or "error" && value is JsonValue)
                {
                    fields[name] = "";
                }
                else if (value is not null)
                {
                    Bare(value);
                }
            }
        }
        return node;
    }

    internal static async Task<JsonObject> ReadAsync(TestServer server)
    {
        using var client = server.CreateClient();
        return JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json", Ct))!.AsObject();
    }

    internal static IEnumerable<(string Path, string Method, JsonObject Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(each => each.Key is "get" or "post" or "put" or "patch" or "delete")
            .Select(each => (path.Key, each.Key.ToUpperInvariant(), each.Value!.AsObject())));

    private static IEnumerable<(string Where, JsonObject Media)> Bodies(JsonObject operation)
    {
        foreach (var (type, media) in operation["requestBody"]?["content"]?.AsObject() ?? [])
        {
            yield return ($"request {type}", media!.AsObject());
        }
        foreach (var (status, response) in operation["responses"]!.AsObject())
        {
            foreach (var (type, media) in response!["content"]?.AsObject() ?? [])
            {
                yield return ($"{status} {type}", media!.AsObject());
            }
        }
    }

    /// <summary>Names of the protocol and of standards, which are the same in every language.</summary>
    [GeneratedRegex("`[^`]*`|\\b(API|HTTPS?|JSON|RFC|ISO|IANA|UTF-8|Base64|Cookie|Slack|KiB)\\b|a–z")]
    private static partial Regex Names();

    [GeneratedRegex("[A-Za-z]{2,}")]
    private static partial Regex EnglishWord();
}
