using System.Text.Json.Nodes;
using Teahouse.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Teahouse.Tests.Deployment;

/// <summary>YAML of the repository as JSON: aliases and merges resolved, every scalar a text. A key that stands twice is an error.</summary>
public static class YamlFile
{
    /// <summary>The only document of a file.</summary>
    public static JsonObject Read(string relative) => Assert.Single(ReadAll(relative));

    /// <summary>All documents of a file.</summary>
    public static IReadOnlyList<JsonObject> ReadAll(string relative)
    {
        var deserializer = new DeserializerBuilder().WithDuplicateKeyChecking().Build();
        var parser = new MergingParser(new Parser(new StringReader(Repository.Read(relative))));
        List<JsonObject> documents = [];
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            documents.Add(ToJson(deserializer.Deserialize<object>(parser))?.AsObject() ?? throw new InvalidOperationException($"An empty document in {relative}."));
        }
        return documents;
    }

    /// <summary>A list of texts, whether it is written as a list or as the keys of a map.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? node) => node switch
    {
        JsonArray list => [.. list.Select(item => (string)item!)],
        JsonObject map => [.. map.Select(pair => pair.Key)],
        _ => [],
    };

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IDictionary<object, object?> map => new JsonObject(map.Select(pair => KeyValuePair.Create((string)pair.Key, ToJson(pair.Value)))),
        IEnumerable<object?> list => new JsonArray([.. list.Select(ToJson)]),
        _ => JsonValue.Create((string)value),
    };
}
