using System.CommandLine;
using Teahouse.Storage;

namespace Teahouse.Cli;

/// <summary><c>teahouse serve</c>: the server.</summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var urls = new Option<string?>("--urls") { Description = "Addresses to listen on, separated by ; (overrides URLS and PORT)" };
        var command = new Command("serve", "Run the server (what happens without a verb, too)") { urls };
        command.SetAction((parsed, ct) => ServeAsync(parsed.GetValue(urls), ct));
        return command;
    }

    private static async Task<int> ServeAsync(string? urls, CancellationToken ct)
    {
        await using var app = Server.Build(urls is null ? [] : [new("URLS", urls)]);
        await app.Services.GetRequiredService<Db>().OpenAsync(ct);
        await app.RunAsync(ct);
        return 0;
    }
}
