using System.Globalization;
using System.Net;

namespace Teahouse.Web;

/// <summary>Parses single settings; every wrong value becomes a <see cref="SettingException"/> that says what is allowed.</summary>
internal sealed class SettingReader(IConfiguration source)
{
    public string Text(string name, string fallback) =>
        source[name] is { Length: > 0 } value ? value.Trim() : fallback;

    public int Number(string name, int fallback, string? alias = null)
    {
        var text = Text(name, "");
        if (text.Length == 0 && alias is not null)
        {
            text = Text(alias, "");
        }
        return text.Length == 0 ? fallback
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
            : throw new SettingException(name, text, "a whole number from 0 (0: no limit)");
    }

    /// <summary>Whole days, up to a hundred years.</summary>
    public int Days(string name, int fallback)
    {
        const int Longest = 36500;
        var text = Text(name, "");
        return text.Length == 0 ? fallback
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= Longest ? value
            : throw new SettingException(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number of days, from 0 to {Longest}"));
    }

    public const int Day = 86400;

    /// <summary>Seconds, fractions allowed; at least 0.01.</summary>
    public TimeSpan Seconds(string name, int fallback, int longest = Day)
    {
        var text = Text(name, "");
        return text.Length == 0 ? TimeSpan.FromSeconds(fallback)
            : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= 0.01 && value <= longest
                ? TimeSpan.FromSeconds(value)
                : throw new SettingException(name, text, string.Create(CultureInfo.InvariantCulture, $"seconds, from 0.01 to {longest}"));
    }

    public bool Switch(string name, bool fallback) => Text(name, fallback ? "on" : "off").ToLowerInvariant() switch
    {
        "on" or "true" or "1" or "yes" => true,
        "off" or "false" or "0" or "no" => false,
        var other => throw new SettingException(name, other, "on or off"),
    };

    /// <summary><c>on</c>, <c>off</c>, or networks.</summary>
    public PrivateWebhooks PrivateWebhooks(string name) => Text(name, "off").ToLowerInvariant() switch
    {
        "on" or "true" or "1" or "yes" => new PrivateWebhooks(IsOn: true, []),
        "off" or "false" or "0" or "no" => new PrivateWebhooks(IsOn: false, []),
        _ => new PrivateWebhooks(IsOn: false, Networks(name, "", "on, off, or IP addresses and networks such as 10.0.0.0/8, separated by ,")),
    };

    public T OneOf<T>(string name, T fallback) where T : struct, Enum
    {
        var text = Text(name, fallback.ToString());
        return Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw new SettingException(name, text, "one of " + string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant());
    }

    public IReadOnlyList<string> List(string name, string fallback) =>
        Text(name, fallback).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public string Language(string name, string fallback)
    {
        var text = Text(name, fallback);
        return Languages.Match(text) ?? throw new SettingException(name, text, "one of " + string.Join(", ", Languages.Supported));
    }

    public TimeZoneInfo Zone(string name, string fallback)
    {
        var text = Text(name, fallback);
        return TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone)
            ? zone
            : throw new SettingException(name, text, "an IANA time zone such as Asia/Taipei");
    }

    /// <summary>The connection to a PostgreSQL database; null when the address is not of one.</summary>
    public string? Postgres(string name) => Text(name, "") is var text && PostgresUrl.Is(text) ? PostgresUrl.Parse(name, text) : null;

    /// <summary>Where Redis is, from <c>redis://[:password@]host:port</c> or <c>rediss://…</c>; null when the setting is empty.</summary>
    public RedisUrl? Redis(string name) => Text(name, "") is { Length: > 0 } text ? RedisUrl.Parse(name, text) : null;

    /// <summary>A path from <c>sqlite:path</c>; relative to the working directory.</summary>
    public string SqlitePath(string name, string fallback)
    {
        var text = Text(name, "");
        return text.Length == 0 || PostgresUrl.Is(text) ? fallback : ParseSqlite(name, text);
    }

    /// <inheritdoc cref="SqlitePath"/>
    internal static string ParseSqlite(string name, string text)
    {
        const string Scheme = "sqlite:";
        var path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        // sqlite:///path, as other programs write it, too.
        path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
        return path.Length > 0 && !path.StartsWith("//", StringComparison.Ordinal)
            ? Path.GetFullPath(path)
            // The value may hold a password: it is not repeated.
            : throw new SettingException(name, "…", "sqlite:PATH, for example sqlite:data/teahouse.db, or postgres://USER:PASSWORD@HOST:5432/NAME");
    }

    /// <summary>Addresses from <c>URLS</c> (separated by <c>;</c> or <c>,</c>), else <c>PORT</c> on loopback, else the default.</summary>
    public IReadOnlyList<string> Urls()
    {
        var port = Text("PORT", "");
        if (port.Length > 0 && !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new SettingException("PORT", port, "a number from 0 to 65535");
        }
        var urls = Text("URLS", port.Length > 0 ? $"http://127.0.0.1:{port}" : "http://127.0.0.1:8000")
            .Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var url in urls)
        {
            // Kestrel's wildcards are not valid host names for Uri.
            var plain = url.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal);
            if (!Uri.TryCreate(plain, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new SettingException("URLS", url, "addresses such as http://127.0.0.1:8000, separated by ;");
            }
        }
        return urls;
    }

    /// <summary>The address of another service, with a slash at its end.</summary>
    public Uri Address(string name, Uri fallback)
    {
        var text = Text(name, "");
        return text.Length == 0 ? fallback
            : Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { UserInfo.Length: 0, Query.Length: 0 } ? uri
            : throw new SettingException(name, text, "an address such as https://sheets.googleapis.com/");
    }

    /// <summary>Origins such as <c>https://example.org</c>: scheme, host and port, compared exactly with what browsers send.</summary>
    public IReadOnlyList<string> Origins(string name)
    {
        var origins = List(name, "");
        foreach (var origin in origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                throw new SettingException(name, origin, "origins such as https://example.org (no path, no final slash), separated by ,");
            }
        }
        return origins;
    }

    /// <summary>Networks such as <c>10.0.0.0/8</c>; a single address is a network of one.</summary>
    public IReadOnlyList<IPNetwork> Networks(string name, string fallback, string allowed = "IP addresses, or networks such as 10.0.0.0/8, separated by ,") =>
        [.. List(name, fallback).Select(text => IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : IPNetwork.TryParse(text, out var network) ? network
            : throw new SettingException(name, text, allowed))];
}
