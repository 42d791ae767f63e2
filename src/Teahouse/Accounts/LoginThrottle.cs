using System.Net;
using System.Threading.RateLimiting;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>How often somebody may try to sign in or up: per account and, twice that, per address (SPEC 8), on all nodes together. Thread-safe.</summary>
internal sealed class LoginThrottle
{
    private readonly SharedLimit _loginsPerAccount;
    private readonly SharedLimit _loginsPerAddress;
    private readonly SharedLimit _signupsPerAddress;

    public LoginThrottle(Settings settings, SharedCounts counts)
    {
        _loginsPerAccount = new(counts, "logins", Limiter(settings.LoginsPerMinute, TimeSpan.FromMinutes(1)));
        _loginsPerAddress = new(counts, "login_addresses", Limiter(2 * settings.LoginsPerMinute, TimeSpan.FromMinutes(1)));
        _signupsPerAddress = new(counts, "signup_addresses", Limiter(settings.SignupsPerHour, TimeSpan.FromHours(1)));
    }

    /// <summary>Counts a try to sign in to an account, whether it exists or not.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountLogin(string nameKey, IPAddress? address)
    {
        _loginsPerAddress.Take(ClientNetwork.Of(address), TimeSpan.FromMinutes(1));
        _loginsPerAccount.Take(nameKey, TimeSpan.FromMinutes(1));
    }

    /// <summary>Counts a try to make an account.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountSignup(IPAddress? address) => _signupsPerAddress.Take(ClientNetwork.Of(address), TimeSpan.FromMinutes(1));

    private static Func<RateLimiter>? Limiter(int permits, TimeSpan window) =>
        permits == 0 ? null : () => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = window, AutoReplenishment = false });
}
