namespace Teahouse.Accounts;

/// <summary>Whom an authentication scheme has recognised in a request, whatever the credentials were.</summary>
/// <param name="Caller">Who acts.</param>
/// <param name="Language">The language they chose; null: as the request asks.</param>
internal sealed record Identified(Caller Caller, string? Language);
