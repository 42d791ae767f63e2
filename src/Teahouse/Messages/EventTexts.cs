using System.Text.Json;
using Microsoft.Extensions.Localization;

namespace Teahouse.Messages;

/// <summary>Says a system message in the reader's language. Thread-safe.</summary>
public sealed class EventTexts(IStringLocalizer<SystemText> texts)
{
    /// <summary>An event this version does not know is said as it was stored, in the server's language.</summary>
    public string Say(Message message) => Say(message.Event, message.Text);

    /// <param name="json">The event; null for none.</param>
    /// <param name="stored">What is said instead of an event that is not known.</param>
    public string Say(string? json, string stored)
    {
        if (json is null)
        {
            return stored;
        }
        using var document = JsonDocument.Parse(json);
        var what = document.RootElement;
        if (Field("type") is not { Length: > 0 } type || texts[type] is not { ResourceNotFound: false })
        {
            return stored;
        }
        return texts[type, Isolate(Field("actor")), Isolate(Field("user")), Isolate(Field("value"))];

        string Field(string name) => what.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
    }

    /// <summary>Keeps a name of any script from turning the sentence around it.</summary>
    private static string Isolate(string name) => $"\u2068{name}\u2069";
}
