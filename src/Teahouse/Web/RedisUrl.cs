namespace Teahouse.Web;

/// <summary>Where Redis is: <c>redis://[:password@]host[:port]</c>, with TLS as <c>rediss://</c>. The password may be percent-encoded.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">6379 when none is given.</param>
/// <param name="Password">Null for none.</param>
/// <param name="IsTls">The connection is encrypted, and the server's certificate must be good for <paramref name="Host"/>.</param>
public sealed record RedisUrl(string Host, int Port, string? Password, bool IsTls)
{
    private const string Allowed = "redis://[:PASSWORD@]HOST:6379, or rediss:// for TLS; special signs in PASSWORD percent-encoded";
    private const int DefaultPort = 6379;

    /// <exception cref="SettingException">It cannot be read; the message repeats it without its password.</exception>
    internal static RedisUrl Parse(string setting, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0
            // Publish and subscribe know no numbered databases; an address that names the first one is in order.
            || uri.AbsolutePath is not ("" or "/" or "/0") || uri.Query.Length > 0)
        {
            throw new SettingException(setting, SecretUrl.Mask(text), Allowed);
        }
        var user = uri.UserInfo.Split(':', 2);
        // Redis knows one user by a password alone.
        if (user[0] is not ("" or "default") || (user[0] == "default" && user.Length == 1))
        {
            throw new SettingException(setting, SecretUrl.Mask(text), Allowed);
        }
        var password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null;
        return new RedisUrl(uri.IdnHost.Trim('[', ']'), uri.Port > 0 ? uri.Port : DefaultPort, password is { Length: > 0 } ? password : null, uri.Scheme == "rediss");
    }
}
