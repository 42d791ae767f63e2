using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Teahouse.Tests.Support;

/// <summary>A room's whole history, as the API pages it.</summary>
public static class History
{
    /// <summary>What comes after this number, as a visitor sees it.</summary>
    public static async Task<List<JsonObject>> ReadAsync(Uri server, string room, long from = 0)
    {
        using var http = new HttpClient { BaseAddress = server };
        return await ReadAsync(http, room, from);
    }

    public static async Task<List<JsonObject>> ReadAsync(HttpClient http, string room, long from = 0)
    {
        List<JsonObject> all = [];
        while (true)
        {
            var after = all.Count == 0 ? from : (long)all[^1]["seq"]!;
            var page = await http.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/{room}/messages?after={after}&limit=200", UriKind.Relative), TestContext.Current.CancellationToken);
            all.AddRange(page!["messages"]!.AsArray().Select(message => message!.AsObject()));
            if (!(bool)page["has_more"]!)
            {
                return all;
            }
        }
    }
}
