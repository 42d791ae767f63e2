using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

/// <summary><c>deploy/compose.yaml</c>, as the tool that starts it reads it.</summary>
public sealed partial class ComposeFile
{
    public const string Path = "deploy/compose.yaml";

    private ComposeFile(JsonObject root) => Root = root;

    public JsonObject Root { get; }

    public JsonObject Services => Root["services"]!.AsObject();

    public JsonObject this[string service] => Services[service]?.AsObject() ?? throw new InvalidOperationException($"No service {service}.");

    /// <summary>The file with its variables as they stand.</summary>
    public static ComposeFile Read() => new(YamlFile.Read(Path));

    /// <summary>The file with these variables put in. One that must be given and is not is an error.</summary>
    public static ComposeFile Read(IReadOnlyDictionary<string, string> variables)
    {
        var root = YamlFile.Read(Path);
        Replace(root, text => Variable().Replace(text, match => match.Groups["name"] is not { Success: true } name ? "$"
            : variables.GetValueOrDefault(name.Value) is { Length: > 0 } value ? value
            : match.Groups["otherwise"] is { Success: true } otherwise ? otherwise.Value
            : throw new InvalidOperationException($"{name.Value} must be given: {match.Groups["error"].Value}")));
        return new ComposeFile(root);
    }

    /// <summary>The names of all variables, and whether each must be given.</summary>
    public static IReadOnlyDictionary<string, bool> ListVariables(string relative) => Variable().Matches(Repository.Read(relative))
        .Where(match => match.Groups["name"].Success)
        .GroupBy(match => match.Groups["name"].Value)
        .ToDictionary(group => group.Key, group => group.Any(match => match.Groups["error"].Success));

    /// <summary>What <c>.env.example</c> says.</summary>
    public static IReadOnlyDictionary<string, string> ReadExample() => Repository.Read("deploy/.env.example").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    public IReadOnlyDictionary<string, string> EnvironmentOf(string service) =>
        this[service]["environment"]?.AsObject().ToDictionary(pair => pair.Key, pair => (string?)pair.Value ?? "") ?? [];

    /// <summary>The address a service always has in a network; null when it is given one.</summary>
    public string? AddressOf(string service, string network) => (string?)(this[service]["networks"] as JsonObject)?[network]?["ipv4_address"];

    private static void Replace(JsonNode node, Func<string, string> change)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map.ToList())
                {
                    map[key] = Changed(value, change);
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    list[i] = Changed(list[i], change);
                }
                break;
            default:
                break;
        }
    }

    private static JsonNode? Changed(JsonNode? value, Func<string, string> change)
    {
        if (value is JsonValue text)
        {
            return JsonValue.Create(change((string)text!));
        }
        if (value is not null)
        {
            Replace(value, change);
        }
        return value?.DeepClone();
    }

    [GeneratedRegex(@"\$\$|\$\{(?<name>\w+)(?::-(?<otherwise>[^}]*)|:\?(?<error>[^}]*))?\}")]
    private static partial Regex Variable();
}
