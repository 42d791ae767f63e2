using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Teahouse.Tests.Support;

/// <summary>Projects and their chats for tests, made as people make them.</summary>
public static partial class TestProjects
{
    /// <summary>Makes a project by its form and returns its slug.</summary>
    public static async Task<string> CreateProjectAsync(this HttpClient owner, string title, string description = "", string slug = "")
    {
        using var response = await owner.PostFormAsync("/projects/new/", ("title", title), ("description", description), ("slug", slug));
        return response is { StatusCode: HttpStatusCode.SeeOther, Headers.Location.OriginalString: { } address }
            ? address.Split('/')[2]
            : throw new InvalidOperationException($"The project could not be made: {response.StatusCode}");
    }

    /// <summary>Opens the visitor's chat page and returns the chat's key.</summary>
    public static async Task<string> OpenChatAsync(this HttpClient visitor, string slug)
    {
        var page = await visitor.GetStringAsync(new Uri($"/chats/project/{slug}/", UriKind.Relative));
        return Room().Match(page) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"No room in: {page}");
    }

    /// <summary>Sends by <c>send-message</c>, as system A's scripts do.</summary>
    public static async Task<HttpResponseMessage> SendOldAsync(this HttpClient client, string room, string content, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/chats/api/send-message/{room}/");
        request.Headers.Add("X-CSRFToken", token);
        request.Content = new FormUrlEncodedContent([new("content", content)]);
        return await client.SendAsync(request);
    }

    /// <summary>Asks by <c>get-messages</c>.</summary>
    public static async Task<JsonObject> PollOldAsync(this HttpClient client, string room, long lastId) =>
        JsonNode.Parse(await client.GetStringAsync(new Uri($"/chats/api/get-messages/{room}/?last_id={lastId}", UriKind.Relative)))!.AsObject();

    /// <summary>The body as a JSON object.</summary>
    public static async Task<JsonObject> ReadJsonAsync(this HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

    [GeneratedRegex("""<ol class="timeline" id="timeline" data-room="([^"]+)""")]
    private static partial Regex Room();
}
