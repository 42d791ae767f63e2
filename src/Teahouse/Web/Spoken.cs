using System.Globalization;

namespace Teahouse.Web;

/// <summary>Says things in another language than the one of the request at hand.</summary>
internal static class Spoken
{
    /// <summary>What <paramref name="say"/> returns where texts and formats are of this language.</summary>
    /// <param name="language">One of <see cref="Languages.Supported"/>.</param>
    /// <param name="say">Must not wait for anything.</param>
    public static T In<T>(string language, Func<T> say)
    {
        var (texts, formats) = (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture);
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(language);
            return say();
        }
        finally
        {
            (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture) = (texts, formats);
        }
    }
}
