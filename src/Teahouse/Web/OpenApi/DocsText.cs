namespace Teahouse.Web.OpenApi;

/// <summary>Marks the resources with the texts around the API's reference.</summary>
public sealed class DocsText;
