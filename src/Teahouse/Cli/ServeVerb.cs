using System.CommandLine;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse serve</c>: the server.</summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var urls = new Option<string?>("--urls") { Description = "Addresses to listen on, separated by ; (overrides URLS and PORT)" };
        var command = new Command("serve", "Run the server") { urls };
        command.SetAction((parsed, ct) => ServeAsync(parsed.GetValue(urls), parsed.InvocationConfiguration.Error, ct));
        return command;
    }

    private static async Task<int> ServeAsync(string? urls, TextWriter error, CancellationToken ct)
    {
        try
        {
            await using var app = Server.Build(urls is null ? [] : [new("URLS", urls)]);
            await app.Services.GetRequiredService<Db>().OpenAsync(ct);
            await app.RunAsync(ct);
            return 0;
        }
        catch (Exception e) when (e is SettingException or DatabaseInUseException or SchemaException)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
