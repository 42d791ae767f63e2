namespace Teahouse.Web;

/// <summary>A boxed line for <c>Web/_Notice.cshtml</c>.</summary>
/// <param name="Kind">How it looks and how urgently it is read out.</param>
/// <param name="Text">Localised.</param>
public sealed record NoticeView(NoticeKind Kind, string Text);

/// <summary>What a notice tells.</summary>
public enum NoticeKind
{
    Success,
    Warning,
    Error,
}
