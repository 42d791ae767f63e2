namespace Teahouse.Accounts;

/// <summary>Who a request is from.</summary>
public static class CallerExtensions
{
    private static readonly object Key = new();

    /// <summary>The caller found at the beginning of the request; anonymous when there is none. Never null.</summary>
    public static Caller GetCaller(this HttpContext context) => context.Items[Key] as Caller ?? Caller.Anonymous;

    /// <summary>Sets the caller for the rest of the request.</summary>
    internal static void SetCaller(this HttpContext context, Caller caller) => context.Items[Key] = caller;
}
