using System.Text.Json;

namespace Teahouse.Web;

/// <summary>The texts in a request's body where a form and a JSON object are taken alike, as the older systems did.</summary>
internal static class BodyFields
{
    // As strict as everywhere else (ApiRules).
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ApiRules.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Each of the fields in turn; null for one that is not there. Without any body none is.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadJson"/>; <see cref="Refusal.BadFrame"/> for no object, or a field that is no text; <see cref="Refusal.BadText"/>.</exception>
    /// <exception cref="BadHttpRequestException">415: neither a form nor JSON.</exception>
    public static async Task<string?[]> ReadAsync(HttpRequest request, CancellationToken ct, params string[] names)
    {
        if (request.HasFormContentType)
        {
            var form = await request.ReadFormAsync(ct);
            return [.. names.Select(name => form[name].FirstOrDefault())];
        }
        if (request.ContentType is null && request.ContentLength is null or 0)
        {
            return new string?[names.Length];
        }
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("JSON or a form.", StatusCodes.Status415UnsupportedMediaType);
        }
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Strict, ct);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. names.Select(name => Text(document.RootElement, name))]
                : throw new RefusedException(Refusal.BadFrame);
        }
        catch (JsonException)
        {
            throw new RefusedException(Refusal.BadJson);
        }
    }

    /// <summary>The message's id of its sender's own making, from the body or else the header <c>Idempotency-Key</c>; null for none.</summary>
    public static string? Nonce(string? field, string? header) =>
        !string.IsNullOrEmpty(field) ? field : string.IsNullOrEmpty(header) ? null : header.Trim('"');

    private static string? Text(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new RefusedException(Refusal.BadFrame) { Field = name };
        }
        catch (InvalidOperationException)
        {
            // Half of a character.
            throw new RefusedException(Refusal.BadText) { Field = name };
        }
    }
}
