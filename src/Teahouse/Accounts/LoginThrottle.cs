using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Teahouse.Realtime;
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

    public LoginThrottle(Settings settings, SharedCounts counts)
    {
        _loginsPerAccount = new(counts, "logins", Limiter(settings.LoginsPerMinute, TimeSpan.FromMinutes(1)));
        _loginsPerAddress = new(counts, "login_addresses", Limiter(2 * settings.LoginsPerMinute, TimeSpan.FromMinutes(1)));
        _signupsPerAddress = new(counts, "signup_addresses", Limiter(settings.SignupsPerHour, TimeSpan.FromHours(1)));
        _signupTriesPerAddress = new(counts, "signup_tries", Limiter(TriesPerSignup * settings.SignupsPerHour, TimeSpan.FromHours(1)));
    }

    /// <summary>Counts a try to sign in to an account, whether it exists or not.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountLogin(string nameKey, IPAddress? address)
    {
        _loginsPerAddress.Take(Network(address), TimeSpan.FromMinutes(1));
        _loginsPerAccount.Take(nameKey, TimeSpan.FromMinutes(1));
    }

    /// <summary>Counts a form to make an account, whatever is wrong with it: who is told that a name is taken, or a password too common, tries again.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountSignupTry(IPAddress? address) => _signupTriesPerAddress.Take(Network(address), TimeSpan.FromMinutes(1));

    /// <summary>Counts an account that is about to be made.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountSignup(IPAddress? address) => _signupsPerAddress.Take(Network(address), TimeSpan.FromMinutes(1));

    private static Func<RateLimiter>? Limiter(int permits, TimeSpan window) =>
        permits == 0 ? null : () => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = window, AutoReplenishment = false });

    // One customer has at least a /64 of IPv6 to himself: his addresses count as one.
    private static string Network(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
