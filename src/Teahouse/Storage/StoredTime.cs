namespace Teahouse.Storage;

/// <summary>Times as the database keeps them.</summary>
internal static class StoredTime
{
    /// <summary>Now, in whole milliseconds: what is answered at once is what will be read later.</summary>
    public static DateTimeOffset GetStoredNow(this TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
