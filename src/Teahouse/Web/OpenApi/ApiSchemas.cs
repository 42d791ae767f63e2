using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Teahouse.Web.OpenApi;

/// <summary>Says of the API's records what their types alone do not.</summary>
internal static class ApiSchemas
{
    public static Task Refine(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (context.JsonPropertyInfo is { } property)
        {
            if (property.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute allowed, ..])
            {
                schema.Enum = [.. allowed.Values.Select(value => value is string text ? (JsonNode)text : null).OfType<JsonNode>()];
                if (schema.Type?.HasFlag(JsonSchemaType.Null) == true)
                {
                    schema.Enum.Add(JsonNullSentinel.JsonNull);
                }
            }
            return Task.CompletedTask;
        }
        var type = context.JsonTypeInfo.Type;
        if (schema.Properties is { Count: > 0 } && type.Namespace?.StartsWith("Teahouse", StringComparison.Ordinal) == true)
        {
            // Answers always hold what their record is made from; of a request, only what is marked must be there.
            var made = type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name).ToHashSet();
            var isRequest = type.Name.EndsWith("Request", StringComparison.Ordinal);
            var always = context.JsonTypeInfo.Properties.Where(each => each.AttributeProvider is MemberInfo member
                && (isRequest ? member.IsDefined(typeof(RequiredAttribute)) : each.IsRequired || made.Contains(member.Name)));
            schema.Required = new SortedSet<string>(always.Select(each => each.Name), StringComparer.Ordinal);
            if (isRequest)
            {
                // Null only so that its absence can be told; it is refused like that.
                foreach (var name in schema.Required)
                {
                    if (schema.Properties[name] is OpenApiSchema { Type: { } kinds } needed)
                    {
                        needed.Type = kinds & ~JsonSchemaType.Null;
                    }
                }
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>RFC 9457, with what this program adds.</summary>
    public static OpenApiSchema Problem()
    {
        static OpenApiSchema Text(string about) => new() { Type = JsonSchemaType.String, Description = about };
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "What went wrong.",
            Required = new SortedSet<string>(["type", "title", "status", "code", "error"], StringComparer.Ordinal),
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("Always `about:blank`: `code` tells kinds apart."),
                ["title"] = Text("For people, in the language of the request."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The HTTP status." },
                ["code"] = Text("For programs; never changes its meaning."),
                ["error"] = Text("The title again, for older clients."),
                ["retry_ms"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Description = "With `rate_limited`: how long to wait, in milliseconds; `Retry-After` says it in seconds." },
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "Field by field, where it is about one.",
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                },
            },
        };
    }
}
