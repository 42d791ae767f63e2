using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Localization;

namespace Teahouse.Web.OpenApi;

/// <summary>The API's document in the reader's language, for people. Programs and the committed file have it in English. Thread-safe.</summary>
internal sealed class DocumentWords(Problems problems, IStringLocalizer<RefusalText> refusals)
{
    private const string StatusPrefix = "Status";

    // Razor encodes it for the attribute; letters of all scripts may stay as they are.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Lazy<JsonObject> Words = new(() =>
    {
        using var stream = typeof(DocumentWords).Assembly.GetManifestResourceStream("openapi/words.json") ?? throw new InvalidOperationException("The words are missing.");
        return JsonNode.Parse(stream)!.AsObject();
    });

    /// <summary>The words of the viewer itself, as JSON: English, and what it is in the current language. Empty in English.</summary>
    public static string Viewer() => JsonSerializer.Serialize(Of("viewer"), Json);

    /// <summary>The document, given in English, with every text in the current language.</summary>
    public byte[] Translate(string document)
    {
        var root = JsonNode.Parse(document)!;
        var words = Of("document");
        if (words.Count > 0)
        {
            Translate(root, words);
        }
        return Encoding.UTF8.GetBytes(root.ToJsonString(Json));
    }

    private void Translate(JsonNode? node, Dictionary<string, string> words)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Translate(item, words);
            }
        }
        if (node is not JsonObject fields)
        {
            return;
        }
        foreach (var (name, value) in fields.ToList())
        {
            switch (name)
            {
                case "summary" or "description" when value is JsonValue:
                    fields[name] = words.GetValueOrDefault((string)value!, (string)value!);
                    break;
                case "examples" when value is JsonObject examples:
                    Say(examples);
                    break;
                // What programs send and get stays as it is.
                case "example" or "enum" or "default":
                    break;
                default:
                    Translate(value, words);
                    break;
            }
        }
    }

    /// <summary>Examples of refusals: what people would read in their language.</summary>
    private void Say(JsonObject examples)
    {
        foreach (var (name, example) in examples)
        {
            if (example is not JsonObject fields || fields["value"] is not JsonObject problem)
            {
                continue;
            }
            var title = name.StartsWith(StatusPrefix, StringComparison.Ordinal)
                ? problems.Describe(null, int.Parse(name.AsSpan(StatusPrefix.Length), CultureInfo.InvariantCulture)).Title
                : refusals[name, ApiAnswers.ExampleNumber].Value;
            fields["summary"] = title;
            problem["title"] = title;
            problem["error"] = title;
        }
    }

    private static Dictionary<string, string> Of(string part)
    {
        var index = CultureInfo.CurrentUICulture.Name switch
        {
            Languages.TraditionalChinese => 0,
            Languages.SimplifiedChinese => 1,
            _ => -1,
        };
        return index < 0 ? [] : Words.Value[part]!.AsObject().ToDictionary(word => word.Key, word => (string)word.Value![index]!);
    }
}
