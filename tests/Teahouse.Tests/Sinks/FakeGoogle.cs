using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Teahouse.Tests.Sinks;

/// <summary>What a call does.</summary>
public enum GoogleCall
{
    Token,
    Describe,
    Read,
    Write,
    Append,
    Change,
}

/// <summary>Google on loopback: gives tokens for signed assertions, and keeps one spreadsheet. <see cref="Meet"/> decides what befalls a call.</summary>
public sealed class FakeGoogle : IAsyncDisposable
{
    public const string Spreadsheet = "1XPTaBc-zPwU";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, bool> _tokens = new();
    private readonly ConcurrentQueue<GoogleCall> _calls = new();
    private readonly string _file = Path.GetTempFileName();

    private FakeGoogle(WebApplication app) => _app = app;

    public FakeSheet Sheet { get; } = new();

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>The calls so far, in order.</summary>
    public IReadOnlyList<GoogleCall> Calls => [.. _calls];

    /// <summary>Asked for each call; null lets it pass.</summary>
    public Func<GoogleCall, Fault?> Meet { get; set; } = _ => null;

    /// <summary>The service account's key file.</summary>
    public string KeyFile => _file;

    /// <summary>The settings of a server that writes all its rooms' messages here.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("GOOGLE_SHEET_ID", Spreadsheet), ("GOOGLE_CREDS_PATH", _file), ("GOOGLE_API_BASE", Address.ToString()), .. Quick,
    ];

    /// <summary>Without the waits that people do not notice and tests would.</summary>
    public (string Name, string Value)[] Quick =>
    [
        ("GOOGLE_API_BASE", Address.ToString()), ("SINK_RETRY_SECONDS", "0.05"), ("SINK_RETRY_MAX_SECONDS", "0.2"), ("GOOGLE_GATHER_SECONDS", "0.05"), ("GOOGLE_CALLS_PER_MINUTE", "0"),
        ("GOOGLE_TIMEOUT_SECONDS", "2"),
    ];

    public static async Task<FakeGoogle> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var google = new FakeGoogle(builder.Build());
        google._app.Run(google.AnswerAsync);
        await google._app.StartAsync();
        google.Address = new Uri(google._app.Urls.First() + "/");
        await File.WriteAllTextAsync(google._file, google.KeyJson());
        return google;
    }

    /// <summary>The key file's text.</summary>
    public string KeyJson() => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = "tea",
        ["private_key_id"] = "k1",
        ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = "teahouse@tea.iam.gserviceaccount.com",
        ["token_uri"] = new Uri(Address, "token").ToString(),
    }.ToJsonString();

    public int Count(GoogleCall call) => _calls.Count(each => each == call);

    /// <summary>Every token it has given is worth nothing from now on.</summary>
    public void RevokeTokens() => _tokens.Clear();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        File.Delete(_file);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = Uri.UnescapeDataString(context.Request.Path.ToString());
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var prefix = $"/v4/spreadsheets/{Spreadsheet}";
        var call = path == "/token" ? GoogleCall.Token : path == prefix + ":batchUpdate" ? GoogleCall.Change : path == prefix ? GoogleCall.Describe
            : path.EndsWith(":append", StringComparison.Ordinal) ? GoogleCall.Append : context.Request.Method == "PUT" ? GoogleCall.Write : GoogleCall.Read;
        _calls.Enqueue(call);
        var fault = Meet(call);
        try
        {
            await (fault?.BeforeAsync(context, () => Do(context, call, path, body)) ?? Task.CompletedTask);
            if (fault is { PassesOn: false })
            {
                return;
            }
            var answer = Do(context, call, path, body);
            await (fault?.AfterAsync(context) ?? Task.CompletedTask);
            await context.Response.WriteAsJsonAsync(answer);
        }
        catch (GoogleRefusedException refusal)
        {
            context.Response.StatusCode = refusal.Status;
            await context.Response.WriteAsJsonAsync(call == GoogleCall.Token
                ? new JsonObject { ["error"] = refusal.Word, ["error_description"] = refusal.Message }
                : new JsonObject { ["error"] = new JsonObject { ["code"] = refusal.Status, ["message"] = refusal.Message, ["status"] = refusal.Word } });
        }
    }

    private JsonObject Do(HttpContext context, GoogleCall call, string path, string body)
    {
        if (call == GoogleCall.Token)
        {
            return GiveToken(body);
        }
        if (!_tokens.ContainsKey(context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal)))
        {
            throw FakeSheet.Refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
        }
        if (!path.StartsWith($"/v4/spreadsheets/{Spreadsheet}", StringComparison.Ordinal))
        {
            throw FakeSheet.Refuse(404, "NOT_FOUND", "Requested entity was not found.");
        }
        var range = path[(path.LastIndexOf('/') + 1)..];
        return call switch
        {
            GoogleCall.Describe => Sheet.Read(),
            GoogleCall.Read => Sheet.ReadValues(range),
            GoogleCall.Write => Sheet.Write(range, JsonElement.Parse(body), context.Request.Query["valueInputOption"]),
            GoogleCall.Change => Sheet.Change(JsonElement.Parse(body)),
            _ => throw FakeSheet.Refuse(501, "UNIMPLEMENTED", "Nobody may append here."),
        };
    }

    /// <summary>As RFC 7523 has it: the assertion must be signed by the account's key, be for Google and this purpose, and be fresh.</summary>
    private JsonObject GiveToken(string body)
    {
        var form = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(body);
        var parts = form["assertion"].ToString().Split('.');
        var isGood = form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" && parts.Length == 3
            && _key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var head = isGood ? JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))! : null;
        var claims = isGood ? JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))! : null;
        if (head is null || claims is null || (string?)head["alg"] != "RS256" || (string?)claims["iss"] != "teahouse@tea.iam.gserviceaccount.com"
            || (string?)claims["aud"] != "https://oauth2.googleapis.com/token" || (string?)claims["scope"] != "https://www.googleapis.com/auth/spreadsheets"
            || DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!) < DateTimeOffset.UtcNow)
        {
            throw FakeSheet.Refuse(400, "invalid_grant", "Invalid JWT Signature.");
        }
        var token = Guid.NewGuid().ToString("N");
        _tokens[token] = true;
        return new JsonObject { ["access_token"] = token, ["token_type"] = "Bearer", ["expires_in"] = 3599 };
    }
}

/// <summary>Something that befalls a call.</summary>
public sealed class Fault
{
    public Func<HttpContext, Func<object>, Task> BeforeAsync { get; private init; } = (_, _) => Task.CompletedTask;

    public Func<HttpContext, Task> AfterAsync { get; private init; } = _ => Task.CompletedTask;

    /// <summary>False when nothing more is done.</summary>
    public bool PassesOn { get; private init; } = true;

    /// <summary>Google refuses it.</summary>
    public static Fault Refused(int status, string word, string message, int? retryAfter = null) => new()
    {
        BeforeAsync = (context, _) =>
        {
            if (retryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }
            throw FakeSheet.Refuse(status, word, message);
        },
    };

    public static Fault Quota(int? retryAfter = null) =>
        Refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user' of service 'sheets.googleapis.com'.", retryAfter);

    /// <summary>It never gets there.</summary>
    public static Fault Cut() => new()
    {
        PassesOn = false,
        BeforeAsync = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        },
    };

    /// <summary>Google says that it is done, and it is not.</summary>
    public static Fault Forgotten() => new()
    {
        PassesOn = false,
        BeforeAsync = (context, _) => context.Response.WriteAsJsonAsync(new JsonObject { ["updatedRows"] = 1 }),
    };

    /// <summary>Done, and nobody hears of it.</summary>
    public static Fault AnswerLost() => new()
    {
        AfterAsync = context =>
        {
            context.Abort();
            throw new OperationCanceledException();
        },
    };

    /// <summary>Nobody hears of it, and it is done later: the connection is cut at once, the call arrives when <paramref name="when"/> is done. Returns through <paramref name="arrived"/> that it has.</summary>
    public static Fault Late(Task when, TaskCompletionSource arrived) => new()
    {
        PassesOn = false,
        BeforeAsync = (context, work) =>
        {
            // The work reads the request, which is gone by then.
            var doing = new Func<object>(work);
            context.Abort();
            return when.ContinueWith(_ =>
            {
                doing();
                arrived.SetResult();
            }, TaskScheduler.Default);
        },
    };

    /// <summary>It is done after this.</summary>
    public static Fault Until(Task when, Action? meanwhile = null) => new()
    {
        BeforeAsync = async (_, _) =>
        {
            meanwhile?.Invoke();
            await when;
        },
    };
}
