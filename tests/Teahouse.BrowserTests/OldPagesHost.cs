using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Teahouse.BrowserTests;

/// <summary>A small web server of another origin with the old systems' room pages, as their documents print them. Only the socket's host is changed.</summary>
internal sealed class OldPagesHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OldPagesHost(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Where the pages' sockets go; set before a page is opened.</summary>
    public Uri SocketHost { get; set; } = new("http://127.0.0.1/");

    public static async Task<OldPagesHost> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = new OldPagesHost(builder.Build());
        host._app.MapGet("/{page}/{room}", host.ShowAsync);
        await host._app.StartAsync();
        host.Address = new Uri(host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return host;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> ShowAsync(string page, string room, string? username)
    {
        var html = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "OldPages", $"{Path.GetFileName(page)}-room.html"));
        return TypedResults.Content(html
            .Replace("{{ room_name }}", room, StringComparison.Ordinal)
            .Replace("{{ username }}", username ?? "Guest", StringComparison.Ordinal)
            .Replace("window.location.host", $"'{SocketHost.Authority}'", StringComparison.Ordinal), "text/html; charset=utf-8");
    }
}
