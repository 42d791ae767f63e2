using System.Text;
using System.Text.Json;

namespace Teahouse.Hooks;

/// <summary>Words Slack's blocks and attachments: everything a reader would read, in order, a line for each piece.</summary>
internal static class SlackBlocks
{
    /// <summary>Of each list; what is more than anybody reads is left out.</summary>
    public const int MaxItems = 100;

    public static string Flatten(JsonElement holder) => Join(holder.Items("blocks").Take(MaxItems).Select(Block));

    public static string FlattenAttachment(JsonElement attachment)
    {
        var blocks = Flatten(attachment);
        string[] parts =
        [
            Mrkdwn.ToText(attachment.Text("pretext")),
            Mrkdwn.ToText(attachment.Text("author_name")),
            Linked(Mrkdwn.ToText(attachment.Text("title")), attachment.Text("title_link")),
            blocks.Length > 0 ? blocks : Mrkdwn.ToText(attachment.Text("text")),
            .. attachment.Items("fields").Take(MaxItems).Select(Field),
            string.Join(" · ", attachment.Items("actions").Take(MaxItems).Select(Action).Where(text => text.Length > 0)),
            attachment.Text("image_url"),
            Mrkdwn.ToText(attachment.Text("footer")),
        ];
        var text = Join(parts);
        return text.Length > 0 ? text : Mrkdwn.ToText(attachment.Text("fallback"));
    }

    private static string Block(JsonElement block) => block.Text("type") switch
    {
        "header" or "section" => Join([Piece(block.Object("text")), .. block.Items("fields").Take(MaxItems).Select(Piece), Element(block.Object("accessory"))]),
        "context" or "actions" => string.Join(" · ", block.Items("elements").Take(MaxItems).Select(Element).Where(text => text.Length > 0)),
        "table" => Join(block.Items("rows").Take(MaxItems).Select(row => string.Join(" | ", Cells(row)))),
        "rich_text" => Join(block.Items("elements").Take(MaxItems).Select(RichText)),
        "image" => Linked(Piece(block.Object("title")) is { Length: > 0 } title ? title : block.Text("alt_text"), block.Text("image_url")),
        "video" => Linked(Piece(block.Object("title")), block.Text("title_url")),
        "markdown" => block.Text("text"),
        _ => "",
    };

    private static IEnumerable<string> Cells(JsonElement row) =>
        (row.ValueKind == JsonValueKind.Array ? row.EnumerateArray().Take(MaxItems) : []).Select(cell => cell.Text("type") == "rich_text" ? Block(cell) : cell.Text("text"));

    /// <summary>A button of the older kind: its words stand in it, and not in an object.</summary>
    private static string Action(JsonElement action) => Linked(Mrkdwn.ToText(action.Text("text")), action.Text("url"));

    /// <summary>A text object; one of type <c>plain_text</c> is taken as it stands.</summary>
    private static string Piece(JsonElement text) => text.Text("type") == "plain_text" ? text.Text("text") : Mrkdwn.ToText(text.Text("text"));

    private static string Element(JsonElement element) => element.Text("type") switch
    {
        "mrkdwn" or "plain_text" => Piece(element),
        "button" => Linked(Piece(element.Object("text")), element.Text("url")),
        "image" => element.Text("alt_text"),
        _ => "",
    };

    private static string Field(JsonElement field)
    {
        var title = Mrkdwn.ToText(field.Text("title"));
        var value = Mrkdwn.ToText(field.Text("value"));
        return title.Length > 0 && value.Length > 0 ? $"{title}: {value}" : title + value;
    }

    private static string RichText(JsonElement part)
    {
        if (part.Text("type") == "rich_text_list")
        {
            var isOrdered = part.Text("style") == "ordered";
            return Join(part.Items("elements").Take(MaxItems).Select((item, index) =>
                isOrdered ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{index + 1}. {Inline(item)}") : $"• {Inline(item)}"));
        }
        return Inline(part);
    }

    private static string Inline(JsonElement section)
    {
        var text = new StringBuilder();
        foreach (var element in section.Items("elements").Take(MaxItems))
        {
            text.Append(element.Text("type") switch
            {
                "link" => Linked(element.Text("text"), element.Text("url")),
                "emoji" => $":{element.Text("name")}:",
                "user" => $"@{element.Text("user_id")}",
                "channel" => $"#{element.Text("channel_id")}",
                "broadcast" => $"@{element.Text("range")}",
                _ => element.Text("text"),
            });
        }
        return text.ToString();
    }

    private static string Linked(string text, string address) =>
        address.Length == 0 || address == text ? text : text.Length == 0 ? address : $"{text} ({address})";

    private static string Join(IEnumerable<string> parts) => string.Join("\n", parts.Where(part => part.Length > 0));
}
