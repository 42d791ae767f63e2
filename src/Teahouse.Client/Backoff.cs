namespace Teahouse.Client;

/// <summary>How long to wait. Random, so that a restarted server is not met by all its clients in the same instant.</summary>
internal static class Backoff
{
    /// <summary>Full jitter: anything up to a ceiling that doubles with every failure.</summary>
    /// <param name="failures">Attempts that failed in a row, 1 or more.</param>
    /// <param name="first">The first ceiling.</param>
    /// <param name="longest">The last one.</param>
    /// <param name="random">From 0 up to 1.</param>
    public static TimeSpan Next(int failures, TimeSpan first, TimeSpan longest, double random)
    {
        var ceiling = first * Math.Pow(2, Math.Min(failures - 1, 30));
        return (ceiling < longest ? ceiling : longest) * random;
    }

    /// <summary>Full jitter: anything up to the time the server has been away already. Doubling would by chance have some wait for several times as long as it is gone.</summary>
    /// <param name="away">Since the connection was lost.</param>
    /// <param name="first">The least ceiling.</param>
    /// <param name="longest">The highest one.</param>
    /// <param name="random">From 0 up to 1.</param>
    public static TimeSpan Since(TimeSpan away, TimeSpan first, TimeSpan longest, double random) =>
        (away > longest ? longest : away < first ? first : away) * random;

    /// <summary>A time that the server named, never less, up to a quarter more.</summary>
    public static TimeSpan Spread(TimeSpan wait, double random) => wait * (1 + random / 4);
}
