using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Teahouse.Web;

/// <summary>Reads <c>postgres://user:password@host:5432/name?sslmode=require</c>, as other programs write it. User, password, host and name may be percent-encoded; a host that is a
/// path (in the address or as <c>?host=</c>) is the directory of a Unix socket.</summary>
internal static partial class PostgresUrl
{
    private const string Allowed = "postgres://USER:PASSWORD@HOST:5432/NAME, with ?sslmode= (disable, allow, prefer, require, verify-ca, verify-full), sslrootcert= or host= at need; "
        + "special signs in USER and PASSWORD percent-encoded";

    public static bool Is(string text) => text.StartsWith("postgres:", StringComparison.Ordinal) || text.StartsWith("postgresql:", StringComparison.Ordinal);

    /// <summary>What the client library is to connect with.</summary>
    /// <param name="setting">Where the address comes from, for the person who wrote it.</param>
    /// <param name="text">The address.</param>
    /// <exception cref="SettingException">It cannot be read; the message repeats it without its password.</exception>
    public static string Parse(string setting, string text)
    {
        var match = Address().Match(text);
        var port = match.Groups["port"].Success ? int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) : NpgsqlConnection.DefaultPort;
        // Without a name the library would take another database than the one that was meant.
        if (!match.Success || port is < 1 or > ushort.MaxValue || match.Groups["name"].Length == 0)
        {
            throw new SettingException(setting, SecretUrl.Mask(text), Allowed);
        }
        var connection = new NpgsqlConnectionStringBuilder
        {
            Username = Part(match, "user", "postgres"),
            Host = Part(match, "host", "localhost"),
            Port = port,
            Database = Part(match, "name", ""),
        };
        if (match.Groups["password"].Success)
        {
            connection.Password = Part(match, "password", "");
        }
        foreach (var pair in match.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TrySet(connection, pair.Split('=', 2)))
            {
                throw new SettingException(setting, SecretUrl.Mask(text), Allowed);
            }
        }
        return connection.ConnectionString;
    }

    /// <summary>Which database it is, for people and for comparing: without user, password and options.</summary>
    /// <param name="connection">As <see cref="Parse"/> returns it.</param>
    public static string NameOf(string connection)
    {
        var parts = new NpgsqlConnectionStringBuilder(connection);
        var host = parts.Host is "127.0.0.1" or "::1" or "[::1]" ? "localhost" : parts.Host;
        return string.Create(CultureInfo.InvariantCulture, $"postgres://{host}:{parts.Port}/{parts.Database}");
    }

    /// <summary>False when there is no such option, or no such value of it.</summary>
    private static bool TrySet(NpgsqlConnectionStringBuilder connection, string[] pair)
    {
        var value = Uri.UnescapeDataString(pair.Length == 2 ? pair[1] : "");
        switch (pair[0])
        {
            case "sslmode":
                SslMode? mode = value switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => null,
                };
                connection.SslMode = mode ?? SslMode.Prefer;
                return mode is not null;
            case "sslrootcert":
                connection.RootCertificate = value;
                return true;
            case "host":
                connection.Host = value;
                return true;
            default:
                return false;
        }
    }

    private static string Part(Match match, string name, string otherwise) =>
        match.Groups[name] is { Success: true, Length: > 0 } group ? Uri.UnescapeDataString(group.Value) : otherwise;

    [GeneratedRegex(@"^postgres(?:ql)?://(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<host>\[[0-9a-fA-F:.]+\]|[^:/?@\[\]]*)(?::(?<port>\d{1,5}))?(?:/(?<name>[^/?]*))?(?:\?(?<query>.*))?$")]
    private static partial Regex Address();
}
