namespace Teahouse.Accounts;

/// <summary>Names the texts of this feature for <c>IStringLocalizer</c>.</summary>
public sealed class AccountsText;
