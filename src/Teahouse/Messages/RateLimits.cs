using System.Net;
using System.Threading.RateLimiting;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>How fast one may post, over all transports: per user, per guest, and for guests per address too. Thread-safe.</summary>
public sealed class RateLimits(Settings settings) : IDisposable
{
    /// <summary>Guests behind one address share ten times what one may.</summary>
    private const int GuestsPerAddress = 10;

    private readonly PartitionedRateLimiter<string> _users = Create(settings.MessagesPerSecond, settings.MessagesBurst);
    private readonly PartitionedRateLimiter<string> _guests = Create(settings.GuestMessagesPerSecond, settings.GuestMessagesBurst);
    private readonly PartitionedRateLimiter<string> _addresses = Create(settings.GuestMessagesPerSecond * GuestsPerAddress, settings.GuestMessagesBurst * GuestsPerAddress);

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
            Take(_users, caller.AuthorKey ?? connectionKey);
            return;
        }
        Take(_guests, caller.AuthorKey ?? connectionKey);
        Take(_addresses, address.ToString());
    }

    public void Dispose()
    {
        _users.Dispose();
        _guests.Dispose();
        _addresses.Dispose();
    }

    private static void Take(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        if (!lease.IsAcquired)
        {
            throw new RefusedException(Refusal.RateLimited)
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1),
            };
        }
    }

    private static PartitionedRateLimiter<string> Create(int perSecond, int burst) =>
        PartitionedRateLimiter.Create<string, string>(key => perSecond == 0
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.Get(key, _ => new PromptLimiter(perSecond, burst)));
}
