using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>How often somebody may try to sign in or up: per account and, twice that, per address (SPEC 8). Thread-safe.</summary>
internal sealed class LoginThrottle(Settings settings) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _loginsPerAccount = Limit(settings.LoginsPerMinute, TimeSpan.FromMinutes(1));
    private readonly PartitionedRateLimiter<string> _loginsPerAddress = Limit(2 * settings.LoginsPerMinute, TimeSpan.FromMinutes(1));
    private readonly PartitionedRateLimiter<string> _signupsPerAddress = Limit(settings.SignupsPerHour, TimeSpan.FromHours(1));

    /// <summary>Counts a try to sign in to an account, whether it exists or not.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountLogin(string nameKey, IPAddress? address)
    {
        Take(_loginsPerAddress, Network(address));
        Take(_loginsPerAccount, nameKey);
    }

    /// <summary>Counts a try to make an account.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void CountSignup(IPAddress? address) => Take(_signupsPerAddress, Network(address));

    public void Dispose()
    {
        _loginsPerAccount.Dispose();
        _loginsPerAddress.Dispose();
        _signupsPerAddress.Dispose();
    }

    private static PartitionedRateLimiter<string> Limit(int permits, TimeSpan window) =>
        PartitionedRateLimiter.Create<string, string>(key => permits == 0
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.GetFixedWindowLimiter(key, _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = window }));

    private static void Take(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        if (!lease.IsAcquired)
        {
            throw new RefusedException(Refusal.RateLimited)
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1),
            };
        }
    }

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
