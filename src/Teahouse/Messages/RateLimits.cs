using System.Net;
using System.Threading.RateLimiting;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>How fast one may post, over all transports and nodes: per user, per guest, and for guests per address too. Thread-safe.</summary>
public sealed class RateLimits
{
    /// <summary>Guests behind one address share ten times what one may.</summary>
    private const int GuestsPerAddress = 10;

    private readonly SharedLimit _users;
    private readonly SharedLimit _guests;
    private readonly SharedLimit _addresses;

    public RateLimits(Settings settings, SharedCounts counts)
    {
        _users = new(counts, "messages", Limiter(settings.MessagesPerSecond, settings.MessagesBurst));
        _guests = new(counts, "guests", Limiter(settings.GuestMessagesPerSecond, settings.GuestMessagesBurst));
        _addresses = new(counts, "guest_addresses", Limiter(settings.GuestMessagesPerSecond * GuestsPerAddress, settings.GuestMessagesBurst * GuestsPerAddress));
    }

    /// <summary>Takes the right to post one message.</summary>
    /// <param name="caller">Who posts.</param>
    /// <param name="address">From where.</param>
    /// <param name="connectionKey">Stands for a visitor without any identity: its socket.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void TakeMessage(Caller caller, IPAddress address, string connectionKey)
    {
        if (!caller.IsGuest)
        {
            // A user's or webhook's key is never null.
            _users.Take(caller.AuthorKey ?? connectionKey, TimeSpan.FromSeconds(1));
            return;
        }
        _guests.Take(caller.AuthorKey ?? connectionKey, TimeSpan.FromSeconds(1));
        _addresses.Take(ClientNetwork.Of(address), TimeSpan.FromSeconds(1));
    }

    private static Func<RateLimiter>? Limiter(int perSecond, int burst)
    {
        // A bucket fills all the time; a period is what is told as the least time to wait: that of one permit, or a hundredth of a second.
        var permits = Math.Max(1, perSecond / 100);
        return perSecond == 0 ? null : () => new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(burst, 1),
            TokensPerPeriod = permits,
            ReplenishmentPeriod = TimeSpan.FromSeconds(permits / (double)perSecond),
            QueueLimit = 0,
            AutoReplenishment = false,
        });
    }
}
