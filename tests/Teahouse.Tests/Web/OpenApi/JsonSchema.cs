using System.Text.Json.Nodes;

namespace Teahouse.Tests.Web.OpenApi;

/// <summary>As much of JSON Schema as the API's document uses.</summary>
internal sealed class JsonSchema(JsonObject document)
{
    /// <summary>What of the value is not as the schema says; empty when all is.</summary>
    public IReadOnlyList<string> Check(JsonNode? value, JsonNode? schema, string at = "$")
    {
        if (schema is not JsonObject rules)
        {
            return [];
        }
        if ((string?)rules["$ref"] is { } reference)
        {
            return Check(value, Resolve(reference), at);
        }
        if (rules["oneOf"] is JsonArray choices)
        {
            return choices.Any(choice => Check(value, choice, at).Count == 0) ? [] : [$"{at} is none of its kinds"];
        }
        List<string> wrong = [];
        if (rules["type"] is { } type && !Types(type).Any(each => Is(value, each)))
        {
            return [$"{at} is {value?.ToJsonString() ?? "null"}, not {type.ToJsonString()}"];
        }
        if (rules["enum"] is JsonArray allowed && !allowed.Any(each => JsonNode.DeepEquals(each, value)))
        {
            wrong.Add($"{at} is {value?.ToJsonString()}, none of {allowed.ToJsonString()}");
        }
        if (value is JsonObject fields)
        {
            foreach (var required in rules["required"] as JsonArray ?? [])
            {
                if (!fields.ContainsKey((string)required!))
                {
                    wrong.Add($"{at}.{required} is missing");
                }
            }
            var known = rules["properties"] as JsonObject;
            foreach (var (name, field) in fields)
            {
                if (known?[name] is { } of)
                {
                    wrong.AddRange(Check(field, of, $"{at}.{name}"));
                }
                else if (rules["additionalProperties"] is JsonObject others)
                {
                    wrong.AddRange(Check(field, others, $"{at}.{name}"));
                }
                else if (known is not null)
                {
                    wrong.Add($"{at}.{name} is not documented");
                }
            }
        }
        if (value is JsonArray items)
        {
            wrong.AddRange(items.SelectMany((item, index) => Check(item, rules["items"], $"{at}[{index}]")));
        }
        return wrong;
    }

    public JsonNode? Resolve(string reference) => reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode?)document, (node, key) => node?[key]);

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray many ? many.Select(each => (string)each!) : [(string)type!];

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == System.Text.Json.JsonValueKind.String,
        "boolean" => value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "integer" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number && long.TryParse(value.ToJsonString(), out _),
        "number" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number,
        _ => throw new NotSupportedException(type),
    };
}
