namespace Teahouse.Web;

/// <summary>A secret that is shown once, with a button to copy it, for <c>Web/_Secret.cshtml</c>.</summary>
/// <param name="Label">What it is; localised.</param>
/// <param name="Secret">As it is to be copied.</param>
public sealed record SecretView(string Label, string Secret);
