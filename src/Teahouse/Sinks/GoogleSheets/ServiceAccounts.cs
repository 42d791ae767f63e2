using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using Microsoft.AspNetCore.DataProtection;
using Teahouse.Web;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>A service account's key file, as far as it matters.</summary>
/// <param name="Email">Whom spreadsheets are shared with.</param>
/// <param name="Credential">Makes access tokens and keeps them until they end.</param>
/// <param name="Tokens">What the last answer to a request for one said.</param>
internal sealed record ServiceAccount(string Email, ServiceAccountCredential Credential, TokenAnswers Tokens);

/// <summary>Reads key files of service accounts and keeps their tokens. Thread-safe.</summary>
internal sealed class ServiceAccounts(Settings settings, IDataProtectionProvider protection)
{
    private const string Scope = "https://www.googleapis.com/auth/spreadsheets";
    private const string GoogleTokens = "https://oauth2.googleapis.com/token";
    private const int MaxKeyBytes = 64 * 1024;

    private readonly IDataProtector _protector = protection.CreateProtector("Teahouse.Sinks.GoogleKeys");
    private readonly ConcurrentDictionary<string, ServiceAccount> _accounts = new();

    /// <summary>The account of a sink.</summary>
    /// <exception cref="GoogleException">The key is not there, or is none.</exception>
    public async Task<ServiceAccount> FindAsync(SheetConfig config, CancellationToken ct)
    {
        if (config.Key is null)
        {
            return await FindOwnAsync(ct);
        }
        try
        {
            return Find(_protector.Unprotect(config.Key), isOperators: false);
        }
        catch (CryptographicException e)
        {
            // Of a database that was moved without its keys.
            throw new GoogleException(new SinkReason("key_locked"), isLasting: true, e);
        }
    }

    /// <summary>The account of the server's own key file, as this process has it.</summary>
    /// <exception cref="GoogleException">The key is not there, or is none.</exception>
    public async Task<ServiceAccount> FindOwnAsync(CancellationToken ct) => Find(await ReadFileAsync(settings.Google.CredentialsPath, ct), isOperators: true);

    /// <summary>Reads a key that somebody has uploaded.</summary>
    /// <exception cref="GoogleException">It is none, or asks for tokens elsewhere than at Google.</exception>
    public ServiceAccount Check(string json) => Find(json, isOperators: false);

    /// <summary>As it is kept in a sink's configuration.</summary>
    public string Hide(string json) => _protector.Protect(json);

    /// <summary>An access token, made anew when the last one ends.</summary>
    /// <exception cref="GoogleException">Google gives none.</exception>
    public static async Task<string> GetTokenAsync(ServiceAccount account, CancellationToken ct)
    {
        try
        {
            return await account.Credential.GetAccessTokenForRequestAsync(cancellationToken: ct);
        }
        catch (TokenResponseException e)
        {
            var status = (int?)e.StatusCode;
            var detail = e.Error is { } error ? string.Join(": ", new[] { error.Error, error.ErrorDescription }.Where(text => !string.IsNullOrEmpty(text))) : e.Message;
            throw new GoogleException(new SinkReason(GoogleException.GoogleCode, $"{status} {detail}".Trim()), isLasting: status is >= 400 and < 500 and not 429 and not 408 and not 409, e)
            {
                Status = status,
                RetryAfter = account.Tokens.RetryAfter,
            };
        }
        catch (HttpRequestException e)
        {
            throw GoogleException.Network(e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new GoogleException(new SinkReason("timed_out"), isLasting: false, e);
        }
    }

    /// <summary>Forgets its token: Google does not take it.</summary>
    public void Forget(ServiceAccount account)
    {
        foreach (var (key, known) in _accounts)
        {
            if (ReferenceEquals(known, account))
            {
                _accounts.TryRemove(key, out _);
            }
        }
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken ct)
    {
        try
        {
            var file = new FileInfo(path);
            // A container without a key has an empty file in its place.
            if (!file.Exists || file.Length == 0)
            {
                throw new GoogleException(new SinkReason("key_missing", path), isLasting: true);
            }
            return file.Length <= MaxKeyBytes ? await File.ReadAllTextAsync(path, ct) : throw new GoogleException(new SinkReason("key_unreadable", path), isLasting: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GoogleException(new SinkReason("key_unreadable", path), isLasting: true, e);
        }
    }

    private ServiceAccount Find(string json, bool isOperators)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        return _accounts.TryGetValue(key, out var known) ? known : _accounts.GetOrAdd(key, Read(json, isOperators));
    }

    private ServiceAccount Read(string json, bool isOperators)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var email = Field("client_email");
            var tokens = document.RootElement.TryGetProperty("token_uri", out var uri) && uri.GetString() is { Length: > 0 } text ? text : GoogleTokens;
            if (!isOperators && !IsTrusted(tokens))
            {
                // Whoever uploads a key must not make this program call addresses of its own network.
                throw new GoogleException(new SinkReason("key_elsewhere"), isLasting: true);
            }
            var answers = new TokenAnswers();
            return new ServiceAccount(email, new ServiceAccountCredential(new ServiceAccountCredential.Initializer(email, tokens)
            {
                KeyId = document.RootElement.TryGetProperty("private_key_id", out var id) ? id.GetString() : null,
                Scopes = [Scope],
                HttpClientFactory = answers,
                // When to try again is the runner's.
                DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            }.FromPrivateKey(Field("private_key"))), answers);

            string Field(string name) => document.RootElement.GetProperty(name).GetString() is { Length: > 0 } value ? value : throw new FormatException();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or CryptographicException)
        {
            throw new GoogleException(new SinkReason("key_unreadable"), isLasting: true, e);
        }
    }

    private bool IsTrusted(string tokens) => Uri.TryCreate(tokens, UriKind.Absolute, out var uri)
        && ((uri.Scheme == Uri.UriSchemeHttps && uri.Host is "oauth2.googleapis.com" or "accounts.google.com" or "www.googleapis.com")
            || (settings.Google.IsElsewhere && uri.Host == settings.Google.ApiBase.Host));
}
