namespace Teahouse.MyData;

/// <summary>Names the texts of this feature: <c>MyDataText.*.resx</c>.</summary>
public sealed class MyDataText;
