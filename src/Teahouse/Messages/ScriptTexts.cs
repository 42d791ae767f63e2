using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Localization;

namespace Teahouse.Messages;

/// <summary>The texts that pages hand to their scripts, as JSON for an attribute. Thread-safe.</summary>
public sealed class ScriptTexts(IStringLocalizer<MessagesText> texts, IStringLocalizer<SystemText> events)
{
    private const string Prefix = "Js.";
    private const string EventPrefix = "Event.";

    // Razor encodes it for the attribute; letters of all scripts may stay as they are.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What a list of rooms says; the room page says all.
    private static readonly string[] ListKeys = ["Unread.one", "Unread.other", "LastLine", "Deleted"];

    // They stand on every page; by the language, of which there are few.
    private readonly ConcurrentDictionary<CultureInfo, string> _conversation = [];
    private readonly ConcurrentDictionary<CultureInfo, string> _roomList = [];

    /// <summary>Everything the room page's script says.</summary>
    public string Conversation() => _conversation.GetOrAdd(CultureInfo.CurrentUICulture, _ => JsonSerializer.Serialize(All(), Json));

    /// <summary>What the room list's script says.</summary>
    public string RoomList() => _roomList.GetOrAdd(CultureInfo.CurrentUICulture, _ => JsonSerializer.Serialize(
        All().Where(text => ListKeys.Contains(text.Key) || text.Key.StartsWith(EventPrefix, StringComparison.Ordinal)).ToDictionary(), Json));

    private Dictionary<string, string> All() =>
        texts.GetAllStrings(includeParentCultures: true)
            .Where(text => text.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(text => (Name: text.Name[Prefix.Length..], text.Value))
            .Concat(events.GetAllStrings(includeParentCultures: true).Select(text => (Name: EventPrefix + text.Name, text.Value)))
            .ToDictionary(text => text.Name, text => text.Value);
}
