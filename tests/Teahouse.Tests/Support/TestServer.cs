using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Storage;

namespace Teahouse.Tests.Support;

/// <summary>The real server in this process: Kestrel on a free loopback port, its own data directory, removed at the end.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly bool _ownsDirectory;

    private TestServer(WebApplication app, string dataDirectory, bool ownsDirectory)
    {
        App = app;
        DataDirectory = dataDirectory;
        _ownsDirectory = ownsDirectory;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public WebApplication App { get; }

    public string DataDirectory { get; }

    public Uri Address { get; }

    /// <summary>Starts a server. Settings are given as in the environment: <c>("GUESTS", "off")</c>. With <paramref name="dataDirectory"/> an
    /// existing directory is used and kept; with <paramref name="clock"/> it is that late; without <paramref name="works"/> it is one of <c>--role web</c>; with
    /// <paramref name="hashesFully"/> passwords are hashed as slowly as outside the tests; <paramref name="configure"/> changes its services last.</summary>
    public static async Task<TestServer> StartAsync(IEnumerable<(string Name, string Value)>? settings = null, string? dataDirectory = null, TimeProvider? clock = null, bool works = true,
        bool hashesFully = false, Action<IServiceCollection>? configure = null)
    {
        var directory = dataDirectory ?? await TestDatabase.MakeDirectoryAsync();
        Dictionary<string, string?> overrides = new()
        {
            ["URLS"] = "http://127.0.0.1:0",
            ["DATA_DIR"] = directory,
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            // Nearly every server of a test is new.
            ["Logging:LogLevel:Teahouse.Accounts.FirstRun"] = "Error",
            // Tests come from one address and faster than people.
            ["LIMIT_REQUESTS_PER_SECOND"] = "0",
            ["LIMIT_SIGNUPS_PER_HOUR"] = "0",
            // Machines that tests run on let a process have fewer files than LIMIT_SOCKETS asks for.
            ["Logging:LogLevel:Teahouse.Realtime.ConnectionCare"] = "Error",
        };
        var given = settings?.ToList() ?? [];
        foreach (var (name, value) in given.Exists(setting => setting.Name == "DATABASE_URL") ? given : [.. await TestDatabase.SettingsForAsync(directory), .. given])
        {
            overrides[name] = value;
        }
        var app = Server.Build(overrides, clock, works, services =>
        {
            SharedPages.Use(services);
            if (!hashesFully)
            {
                services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = TestAccounts.Rounds);
            }
            configure?.Invoke(services);
        });
        SharedPages.Keep(app.Services);
        await app.Services.GetRequiredService<Db>().OpenAsync(CancellationToken.None);
        await app.StartAsync();
        return new TestServer(app, directory, dataDirectory is null);
    }

    /// <summary>A browser-like client: keeps cookies, follows no redirect by itself.</summary>
    public HttpClient CreateClient(CookieContainer? cookies = null) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new CookieContainer() }) { BaseAddress = Address };

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsDirectory)
        {
            Directory.Delete(DataDirectory, recursive: true);
        }
    }
}
