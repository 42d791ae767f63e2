using System.Net;
using Teahouse.Realtime;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>How often somebody may try to sign in or up: per account and, twice that, per address (SPEC 8), on all nodes together. Thread-safe.</summary>
internal sealed class LoginThrottle
{
    private const int TriesPerSignup = 10;

    private readonly SharedLimit _loginsPerAccount;
    private readonly SharedLimit _loginsPerAddress;
    private readonly SharedLimit _signupsPerAddress;
    private readonly SharedLimit _signupTriesPerAddress;
    private readonly OncePerSecond _warned = new();

    public LoginThrottle(Settings settings, SharedCounts counts)
    {
        _loginsPerAccount = new(counts, "logins", settings.LoginsPerMinute, TimeSpan.FromMinutes(1), settings.LoginsPerMinute);
        _loginsPerAddress = new(counts, "login_addresses", 2 * settings.LoginsPerMinute, TimeSpan.FromMinutes(1), 2 * settings.LoginsPerMinute);
        _signupsPerAddress = new(counts, "signup_addresses", settings.SignupsPerHour, TimeSpan.FromHours(1), settings.SignupsPerHour);
        _signupTriesPerAddress = new(counts, "signup_tries", TriesPerSignup * settings.SignupsPerHour, TimeSpan.FromHours(1), TriesPerSignup * settings.SignupsPerHour);
    }

    /// <summary>Counts a try to sign in to an account, whether it exists or not.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountLogin(string nameKey, IPAddress? address)
    {
        _loginsPerAddress.Take(ClientNetwork.Of(address));
        _loginsPerAccount.Take(nameKey);
    }

    /// <summary>Whether a line in the log may say that somebody is held back.</summary>
    public bool MayWarn() => _warned.MayWarn();

    /// <summary>Counts a complete form to make an account, whatever else is wrong with it: who is told that a name is taken, or a password too common, tries again.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountSignupTry(IPAddress? address) => _signupTriesPerAddress.Take(ClientNetwork.Of(address));

    /// <summary>Counts an account that is about to be made.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountSignup(IPAddress? address) => _signupsPerAddress.Take(ClientNetwork.Of(address));
}
