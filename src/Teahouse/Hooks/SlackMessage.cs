using System.Text.Json;

namespace Teahouse.Hooks;

/// <summary>What a call in Slack's shape wants said.</summary>
/// <param name="Text">As plain text; empty when there is nothing to say.</param>
/// <param name="Username">Who is to have said it; null for the webhook itself.</param>
internal sealed record SlackMessage(string Text, string? Username)
{
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64 };

    /// <summary>Reads the JSON of a call.</summary>
    /// <exception cref="JsonException">It is not such an object.</exception>
    public static SlackMessage Parse(ReadOnlySpan<char> json)
    {
        using var document = JsonDocument.Parse(json.ToString(), Lenient);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("Not an object.");
        }
        // As there: with blocks, the text is only for who cannot show them.
        var blocks = SlackBlocks.Flatten(root);
        var parts = new List<string> { blocks.Length > 0 ? blocks : Mrkdwn.ToText(root.Text("text")) };
        parts.AddRange(root.Items("attachments").Take(SlackBlocks.MaxItems).Select(SlackBlocks.FlattenAttachment));
        var name = root.Text("username");
        return new SlackMessage(string.Join("\n", parts.Where(part => part.Length > 0)), name.Length > 0 ? name : null);
    }
}

/// <summary>Fields of somebody else's JSON: what is missing or of another kind is empty.</summary>
internal static class JsonFields
{
    /// <exception cref="JsonException">It holds half of a character.</exception>
    public static string Text(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value))
        {
            return "";
        }
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() ?? "",
                JsonValueKind.Number => value.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("Half of a character.", e);
        }
    }

    public static JsonElement Object(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Object(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
