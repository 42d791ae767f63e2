using System.Net;
using System.Threading.RateLimiting;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>How fast one may post, over all transports and nodes: per user, per guest, and for guests per address too. Thread-safe.</summary>
public sealed class RateLimits : IDisposable
{
    /// <summary>Guests behind one address share ten times what one may.</summary>
    private const int GuestsPerAddress = 10;

    private readonly SharedLimit _users;
    private readonly SharedLimit _guests;
    private readonly SharedLimit _addresses;

    public RateLimits(Settings settings, SharedCounts counts)
    {
        _users = new("messages", Create(settings.MessagesPerSecond, settings.MessagesBurst), counts);
        _guests = new("guests", Create(settings.GuestMessagesPerSecond, settings.GuestMessagesBurst), counts);
        _addresses = new("guest_addresses", Create(settings.GuestMessagesPerSecond * GuestsPerAddress, settings.GuestMessagesBurst * GuestsPerAddress), counts);
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
        _addresses.Take(address.ToString(), TimeSpan.FromSeconds(1));
    }

    public void Dispose()
    {
        _users.Dispose();
        _guests.Dispose();
        _addresses.Dispose();
    }

    private static PartitionedRateLimiter<string> Create(int perSecond, int burst) =>
        PartitionedRateLimiter.Create<string, string>(key => perSecond == 0
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.Get(key, _ => new PromptLimiter(perSecond, burst)));
}
