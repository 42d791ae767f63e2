using System.Globalization;

namespace Teahouse.Cli.Doctor;

/// <summary>This machine's clock beside others.</summary>
internal static class ClockCheck
{
    private const string Name = "clock";

    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(2);

    /// <summary>Google's tokens are refused soon after this, and so are signatures of webhooks.</summary>
    private static readonly TimeSpan TooMuch = TimeSpan.FromMinutes(1);

    /// <param name="whose">With whose clock it is compared.</param>
    /// <param name="ahead">How much that one is ahead.</param>
    public static Finding Against(string whose, TimeSpan ahead)
    {
        var said = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(ahead.TotalSeconds):0.0} s {(ahead < TimeSpan.Zero ? "ahead of" : "behind")} {whose}");
        return ahead.Duration() > TooMuch ? Finding.Fail(Name, said + ": set the clock (NTP)")
            : ahead.Duration() > Noticeable ? Finding.Warn(Name, said + ": set the clock (NTP)")
            : Finding.Ok(Name, $"right by {whose}");
    }

    /// <summary>Where there is no other clock: it must not be behind what was said already.</summary>
    public static Finding AgainstHistory(DateTimeOffset? newest, DateTimeOffset now) =>
        newest is { } at && at - now > Noticeable ? Against("the newest message", at - now) : Finding.Ok(Name, string.Create(CultureInfo.InvariantCulture, $"{now:u}, after the newest message"));
}
