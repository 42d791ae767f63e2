using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Teahouse.Accounts;

/// <summary>A guest's identity: a random id and a nickname in an encrypted, signed cookie. Without the cookie it is gone; <see cref="GuestBook"/> notes for a while who was here. Thread-safe.</summary>
public sealed class GuestPass(IDataProtectionProvider protection)
{
    private const string CookieName = "teahouse_guest";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Teahouse.GuestPass").ToTimeLimitedDataProtector();

    /// <summary>What the cookie holds.</summary>
    internal sealed record Content(string Id, string Nickname);

    /// <summary>The pass that came with the request; null without one, or when it is forged or too old.</summary>
    internal Content? Find(HttpContext context)
    {
        if (context.Request.Cookies[AccountCookie.Name(context.Request, CookieName)] is not { Length: > 0 and < 2048 } cookie)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<Content>(_protector.Unprotect(cookie));
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Gives the visitor this nickname from now on, this request included; who has a pass already keeps its id.</summary>
    internal Caller Issue(HttpContext context, string nickname)
    {
        var content = new Content(Find(context)?.Id ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), nickname);
        context.Response.Cookies.Append(AccountCookie.Name(context.Request, CookieName),
            _protector.Protect(JsonSerializer.Serialize(content), Lifetime), AccountCookie.Options(context.Request, Lifetime));
        var caller = ToCaller(content) with { Network = context.GetCaller().Network };
        context.SetCaller(caller);
        return caller;
    }

    internal static Caller ToCaller(Content pass) => new()
    {
        Kind = CallerKind.Guest,
        GuestId = pass.Id,
        Username = pass.Nickname,
        DisplayName = pass.Nickname,
    };
}
