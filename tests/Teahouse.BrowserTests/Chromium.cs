using Microsoft.Playwright;
using Teahouse.BrowserTests;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Teahouse.BrowserTests;

/// <summary>Debian's Chromium, started once for all journeys. Without its windows, it takes half the time.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Candidates = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private const float PatienceMs = 60_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser was not started.");

    public async ValueTask InitializeAsync()
    {
        var path = Candidates.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("Chromium is missing: ./test installs it.");
        _playwright = await Playwright.CreateAsync();
        // What is expected may take as long as what is done: five seconds, otherwise.
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
        _playwright?.Dispose();
    }

    /// <summary>A browser profile of its own: cookies, storage, size, theme. zh-Hant unless told otherwise. Every script error fails the journey that asks <see cref="Profile.Problems"/>.</summary>
    public async Task<Profile> OpenAsync(ProfileOptions? options = null)
    {
        options ??= new ProfileOptions();
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = options.BaseAddress?.ToString(),
            Locale = options.Locale,
            TimezoneId = "Asia/Taipei",
            ColorScheme = options.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = options.Phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
            DeviceScaleFactor = 1,
            HasTouch = options.Phone,
            IsMobile = options.Phone,
            JavaScriptEnabled = options.Scripts,
            ReducedMotion = ReducedMotion.Reduce,
            Permissions = options.Permissions,
        });
        context.SetDefaultTimeout(PatienceMs);
        return new Profile(context);
    }
}

/// <summary>How a profile's browser is set up.</summary>
public sealed record ProfileOptions
{
    public Uri? BaseAddress { get; init; }
    public string Locale { get; init; } = "zh-TW";
    public bool Phone { get; init; }
    public bool Dark { get; init; }
    public bool Scripts { get; init; } = true;
    public IEnumerable<string> Permissions { get; init; } = [];
}

/// <summary>One person's browser.</summary>
public sealed class Profile : IAsyncDisposable
{
    private readonly List<string> _problems = [];

    internal Profile(IBrowserContext context)
    {
        Context = context;
        context.WebError += (_, error) => _problems.Add(error.Error);
        context.Console += (_, message) =>
        {
            // A refused connection is what several journeys provoke; a policy violation never is.
            if (message.Type == "error" && (message.Text.Contains("Content Security Policy", StringComparison.Ordinal) || message.Text.Contains("Refused to", StringComparison.Ordinal)))
            {
                _problems.Add(message.Text);
            }
        };
    }

    public IBrowserContext Context { get; }

    /// <summary>Script errors and policy violations so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public Task<IPage> NewPageAsync() => Context.NewPageAsync();

    public ValueTask DisposeAsync() => Context.DisposeAsync();
}
