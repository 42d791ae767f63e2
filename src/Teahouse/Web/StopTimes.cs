namespace Teahouse.Web;

/// <summary>How <c>DRAIN_SECONDS</c> is divided. It is all the time there is: who starts and stops the program kills it some time after.</summary>
internal static class StopTimes
{
    /// <summary>What the web server takes to cut off who is left, and the rest of the program to finish its writes and close the database.</summary>
    private static readonly TimeSpan Teardown = TimeSpan.FromSeconds(2.5);

    private static readonly TimeSpan LongestNotice = TimeSpan.FromSeconds(1);

    /// <summary>For so long clients are waited for, those of sockets and those with a request under way; then they are cut off.</summary>
    public static TimeSpan WaitingOf(TimeSpan drain) => drain - Shorter(Teardown, drain / 3);

    /// <summary>For so long <c>/readyz</c> says 503 before nothing answers any more, so that who asks it once a second hears it and does not take the node for a dead one.</summary>
    public static TimeSpan NoticeOf(TimeSpan drain) => Shorter(LongestNotice, drain / 4);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
