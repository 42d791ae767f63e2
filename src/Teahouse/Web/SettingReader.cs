using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Teahouse.Web;

/// <summary>Parses single settings; every wrong value becomes a <see cref="SettingException"/> that says what is allowed.</summary>
internal sealed partial class SettingReader(IConfiguration source)
{
    public string Text(string name, string fallback) =>
        source[name] is { Length: > 0 } value ? value.Trim() : fallback;

    /// <summary>No limit is multiplied beyond what a number of 32 bits holds.</summary>
    public const int Most = 100_000_000;

    /// <summary>Of bytes and characters, which nothing multiplies.</summary>
    public const int MostBytes = 2_000_000_000;

    public int Number(string name, int fallback, string? alias = null, int most = Most)
    {
        var text = Text(name, "");
        if (text.Length == 0 && alias is not null)
        {
            (name, text) = (alias, Text(alias, ""));
        }
        return text.Length == 0 ? fallback
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most ? value
            : throw new SettingException(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {most} (0: no limit)"));
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
    public TimeSpan Seconds(string name, int fallback, int longest = Day) => Seconds(name, fallback, longest, zero: null);

    /// <summary>As <see cref="Seconds(string, int, int)"/>; 0 is no limit, which is longer than anything lasts.</summary>
    public TimeSpan SecondsOrForever(string name, int fallback) => Seconds(name, fallback, Day, zero: TimeSpan.MaxValue);

    /// <summary>As <see cref="Seconds(string, int, int)"/>; 0 is no time at all.</summary>
    public TimeSpan SecondsOrNone(string name, int fallback) => Seconds(name, fallback, Day, zero: TimeSpan.Zero);

    private TimeSpan Seconds(string name, int fallback, int longest, TimeSpan? zero)
    {
        var text = Text(name, "");
        return text.Length == 0 ? TimeSpan.FromSeconds(fallback)
            : !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > longest ? throw Wrong()
            : value >= 0.01 ? TimeSpan.FromSeconds(value)
            : value == 0 && zero is { } meant ? meant
            : throw Wrong();

        SettingException Wrong() => new(name, text, string.Create(CultureInfo.InvariantCulture, $"seconds, from 0.01 to {longest}{(zero is null ? "" : ", or 0")}"));
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

    /// <summary>The file of <c>sqlite:path</c>, relative to the working directory, with no symbolic link left in its name: whoever reaches a file by another name must find the same lock.</summary>
    public string SqlitePath(string name, string fallback)
    {
        var text = Text(name, "");
        return text.Length == 0 || PostgresUrl.Is(text) ? FollowLink(name, fallback, fallback) : ParseSqlite(name, text);
    }

    /// <inheritdoc cref="SqlitePath"/>
    internal static string ParseSqlite(string name, string text)
    {
        const string Scheme = "sqlite:";
        var path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        // sqlite:///path, as other programs write it, too.
        path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
        if (path.Length == 0 || path.StartsWith("//", StringComparison.Ordinal))
        {
            throw new SettingException(name, SecretUrl.Mask(text), "sqlite:PATH, for example sqlite:data/teahouse.db, or postgres://USER:PASSWORD@HOST:5432/NAME");
        }
        return Path.EndsInDirectorySeparator(path) || Directory.Exists(path) ? throw new SettingException(name, text, "the path of a file, and this is a directory") : FollowLink(name, text, path);
    }

    private static string FollowLink(string name, string text, string path)
    {
        try
        {
            var file = new FileInfo(Path.GetFullPath(path));
            return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(name, text, "the path of a file that can be opened: " + e.Message);
        }
    }

    /// <summary>Addresses from <c>URLS</c> (separated by <c>;</c> or <c>,</c>), else <c>PORT</c> on loopback, else the default. They are one setting: the one that was said nearer to the program wins.</summary>
    public IReadOnlyList<string> Urls()
    {
        var port = Text("PORT", "");
        if (port.Length > 0 && !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new SettingException("PORT", port, "a number from 0 to 65535");
        }
        var urls = port.Length > 0 && IsNearer("PORT", "URLS") ? "" : Text("URLS", "");
        return ListenUrls.Parse(urls.Length > 0 ? urls : port.Length > 0 ? $"http://127.0.0.1:{port}" : "http://127.0.0.1:8000",
            hasCertificate: () => source.GetSection("Kestrel:Certificates:Default").GetChildren().Any());
    }

    /// <summary>The one was said by the environment, say, and the other only by a file.</summary>
    private bool IsNearer(string name, string than)
    {
        foreach (var provider in source is IConfigurationRoot root ? root.Providers.Reverse() : [])
        {
            if (provider.TryGet(than, out var other) && other?.Length > 0)
            {
                return false;
            }
            if (provider.TryGet(name, out var value) && value?.Length > 0)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Names of this site as they come in a request's Host header, without a port; <c>*</c> for any, <c>*.name</c> for those below one.</summary>
    public IReadOnlyList<string> Hosts(string name, string fallback)
    {
        var hosts = List(name, fallback);
        return hosts.Count > 0 && hosts.FirstOrDefault(static host => !HostName().IsMatch(host)) is not { } wrong ? hosts
            : throw new SettingException(name, hosts.FirstOrDefault(static host => !HostName().IsMatch(host)) ?? Text(name, ""),
                "host names such as chat.example.org, without scheme, port or path, separated by ,; * for any");
    }

    /// <summary>The address of another service, with a slash at its end.</summary>
    public Uri Address(string name, Uri fallback)
    {
        var text = Text(name, "");
        return text.Length == 0 ? fallback
            : Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { UserInfo.Length: 0, Query.Length: 0 } ? uri
            : throw new SettingException(name, SecretUrl.MaskStray(text), "an address such as https://sheets.googleapis.com/");
    }

    /// <summary>Origins such as <c>https://example.org</c>: scheme, host and port, compared exactly with what browsers send.</summary>
    public IReadOnlyList<string> Origins(string name)
    {
        var origins = List(name, "");
        foreach (var origin in origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                throw new SettingException(name, SecretUrl.MaskStray(origin), "origins such as https://example.org (no path, no final slash), separated by ,");
            }
        }
        return origins;
    }

    /// <summary>Networks such as <c>10.0.0.0/8</c>; a single address is a network of one.</summary>
    public IReadOnlyList<IPNetwork> Networks(string name, string fallback, string allowed = "IP addresses, or networks such as 10.0.0.0/8, separated by ,") =>
        [.. List(name, fallback).Select(text => IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : IPNetwork.TryParse(text, out var network) ? network
            : throw new SettingException(name, text, allowed))];

    [GeneratedRegex(@"^(\*|(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*|\[[0-9a-fA-F:.]+\])$", RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();
}
