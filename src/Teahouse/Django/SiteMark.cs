using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Teahouse.Accounts;

namespace Teahouse.Django;

/// <summary>Whether an account there is the one that was taken before.</summary>
internal enum Likeness
{
    Same,

    /// <summary>Renamed, or not enough is known.</summary>
    Perhaps,

    Other,
}

/// <summary>Fingerprints by which accounts and messages are known again, since every site counts its ids from one. Times are taken to the millisecond and as they are written, so that neither
/// <c>dumpdata</c>, which drops the rest, nor another <c>--time-zone</c> makes another of them.</summary>
internal static class SiteMark
{
    private const int HalfBytes = 8;
    private const int HalfLength = HalfBytes * 2;

    /// <summary>Of an account: its name, and when it was made.</summary>
    public static string OfUser(string username, string joined) => Hash(username) + Hash(Time(joined));

    /// <summary>Of a message: all of it, and what stays when it is edited or its author deleted.</summary>
    public static string OfMessage(long id, long? senderId, string text, string time)
    {
        var at = Time(time);
        return Hash(string.Create(CultureInfo.InvariantCulture, $"{id} {senderId} {at} {text}")) + Hash(string.Create(CultureInfo.InvariantCulture, $"{id} {at}"));
    }

    /// <summary>Of anything.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HalfBytes));

    /// <summary>Compares an account that was taken with the one that has its id in a file.</summary>
    public static Likeness Compare(KnownUser known, OldUser old)
    {
        var (isName, isTime) = known.Mark is { Length: 2 * HalfLength } mark
            ? (mark[..HalfLength] == old.Mark[..HalfLength], mark[HalfLength..] == old.Mark[HalfLength..])
            : known.Username is null ? (true, false)
            : (Fits(known.Username, old), known.CreatedAt?.ToUnixTimeMilliseconds() == old.JoinedAt?.ToUnixTimeMilliseconds());
        return isName && isTime ? Likeness.Same : isName || isTime ? Likeness.Perhaps : Likeness.Other;
    }

    /// <summary>Compares a message that was taken with the one that has its id in a file. Marks were of all of it only once: such a one says nothing when it differs.</summary>
    public static Likeness Compare(string known, string now) =>
        known.Length != 2 * HalfLength ? known == now[..HalfLength] ? Likeness.Same : Likeness.Perhaps
        : known[HalfLength..] == now[HalfLength..] ? Likeness.Same : Likeness.Other;

    /// <summary>Whether the account may have got its name here from that one.</summary>
    private static bool Fits(string here, OldUser old)
    {
        var (name, clean) = (NameSkeleton.Key(here), NameSkeleton.Key(ImportUsers.Clean(old)));
        var stem = name.TrimEnd("0123456789".ToCharArray());
        return name == clean || (stem.Length > 1 && stem.EndsWith('-') && clean.StartsWith(stem[..^1], StringComparison.Ordinal));
    }

    private static string Time(string text) => DjangoTime.Parse(text, TimeZoneInfo.Utc) is { } at ? at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) : text;
}
