namespace Teahouse.Web;

/// <summary>What stands where a list would be, for <c>Web/_EmptyState.cshtml</c>: says what to do next. Texts are localised.</summary>
/// <param name="Icon">A name in <c>Assets/icons/icons.txt</c>.</param>
/// <param name="Title">What there is not.</param>
/// <param name="Text">What to do about it.</param>
public sealed record EmptyStateView(string Icon, string Title, string? Text)
{
    /// <summary>Where the button goes; null for none.</summary>
    public string? ActionUrl { get; init; }

    public string? ActionText { get; init; }
}
