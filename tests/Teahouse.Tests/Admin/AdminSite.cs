using System.Net;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Admin;

/// <summary>What tests of the administrators' pages share.</summary>
internal static class AdminSite
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Presses a page's button for these things, and answers its question. Returns the page that follows.</summary>
    public static async Task<string> ActAsync(this HttpClient admin, string path, string act, IEnumerable<long> ids, params (string Name, string Value)[] more)
    {
        (string, string)[] fields = [("act", act), .. ids.Select(id => ("ids", $"{id}")), .. more];
        using var asked = await admin.PostFormAsync(path, fields);
        var question = WebUtility.HtmlDecode(await asked.Content.ReadAsStringAsync(Ct));
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Contains("name=\"confirm\"", question, StringComparison.Ordinal);
        using var done = await admin.PostFormAsync(path, [.. fields, ("confirm", "on")]);
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        return await admin.SeeAsync(done.Headers.Location!.OriginalString);
    }

    /// <summary>A page's text, with its characters as a reader sees them.</summary>
    public static async Task<string> SeeAsync(this HttpClient client, string path) => WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(path, UriKind.Relative), Ct));

    /// <summary>The acts of this verb, oldest first: who, from where, to what, before and after.</summary>
    public static Task<List<string>> AuditAsync(this TestServer server, string action, string target) => server.Get<Db>().ReadAsync(session => session.QueryAsync<string>("""
        SELECT actor || ' ' || address || ' ' || target || ' ' || COALESCE(old_value, '-') || ' ' || COALESCE(new_value, '-')
        FROM audit_log
        WHERE action = @action AND target = @target
        ORDER BY id
        """, new { action, target }), Ct);
}
