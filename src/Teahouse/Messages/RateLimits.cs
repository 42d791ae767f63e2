using System.Net;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>How fast one may post, over all transports and nodes: per user, per guest, and for guests per address too. Thread-safe.</summary>
public sealed class RateLimits
{
    /// <summary>Guests behind one address share ten times what one may.</summary>
    private const int GuestsPerAddress = 10;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SharedLimit _users;
    private readonly SharedLimit _guests;
    private readonly SharedLimit _addresses;

    public RateLimits(Settings settings, SharedCounts counts)
    {
        _users = new(counts, "messages", settings.MessagesPerSecond, Second, settings.MessagesBurst);
        _guests = new(counts, "guests", settings.GuestMessagesPerSecond, Second, settings.GuestMessagesBurst);
        _addresses = new(counts, "guest_addresses", settings.GuestMessagesPerSecond * GuestsPerAddress, Second, settings.GuestMessagesBurst * GuestsPerAddress);
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
            _users.Take(caller.AuthorKey ?? connectionKey);
            return;
        }
        _guests.Take(caller.AuthorKey ?? connectionKey);
        _addresses.Take(ClientNetwork.Of(address));
    }
}
