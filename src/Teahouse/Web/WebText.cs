namespace Teahouse.Web;

/// <summary>Marks the resources with the words all pages share.</summary>
public sealed class WebText;
