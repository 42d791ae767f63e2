namespace Teahouse.Web;

/// <summary>How lists of the API are cut: by a key, never by an offset.</summary>
internal static class Paging
{
    /// <summary>The number asked for, or the usual one.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadFrame"/>: less than 1 or more than <paramref name="most"/>.</exception>
    public static int Limit(int? limit, int usual, int most) => limit is < 1 || limit > most
        ? throw new RefusedException(Refusal.BadFrame) { Field = "limit" }
        : limit ?? usual;
}
