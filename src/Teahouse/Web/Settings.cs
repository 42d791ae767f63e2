namespace Teahouse.Web;

/// <summary>Who may make an account.</summary>
public enum SignupMode
{
    Open,
    Invite,
    Closed,
}

/// <summary>Every setting of the program, validated once at start (see docs/operations.md). A limit of 0 means no limit.
/// Immutable; a wrong value stops the start with <see cref="SettingException"/>.</summary>
public sealed record Settings
{
    /// <summary>The name of the SQLite file in <c>DATA_DIR</c>, where <c>DATABASE_URL</c> names none.</summary>
    internal const string DatabaseFile = "teahouse.db";

    /// <summary>The SQLite file; not used with <see cref="PostgresConnection"/>.</summary>
    public required string DatabasePath { get; init; }

    /// <summary>How to reach the PostgreSQL database, in the client library's own words; null: SQLite.</summary>
    public required string? PostgresConnection { get; init; }

    /// <summary>Through which nodes tell each other what happens; null: this is the only one, or they look into the database.</summary>
    public required RedisUrl? Redis { get; init; }

    /// <summary>Which database it is, without user and password; two processes that say the same use the same.</summary>
    public string DatabaseName => PostgresConnection is { } connection ? PostgresUrl.NameOf(connection) : "sqlite:" + DatabasePath;

    public required string DataDirectory { get; init; }
    public required IReadOnlyList<string> Urls { get; init; }
    public required IReadOnlyList<string> AllowedHosts { get; init; }
    public required IReadOnlyList<string> AllowedOrigins { get; init; }
    public required IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; init; }

    /// <summary>From where a collector may read what this process counts, without a token.</summary>
    public required IReadOnlyList<System.Net.IPNetwork> MetricsNetworks { get; init; }

    public required SignupMode Signup { get; init; }
    public required bool GuestsAllowed { get; init; }

    /// <summary>One of <see cref="Languages.Supported"/>.</summary>
    public required string Language { get; init; }

    public required TimeZoneInfo TimeZone { get; init; }
    public required bool Hsts { get; init; }

    public required int MessageChars { get; init; }
    public required int FrameBytes { get; init; }
    public required int BodyBytes { get; init; }
    public required int MessagesPerSecond { get; init; }
    public required int MessagesBurst { get; init; }
    public required int GuestMessagesPerSecond { get; init; }
    public required int GuestMessagesBurst { get; init; }
    public required int SocketsPerUser { get; init; }
    public required int SocketsPerAddress { get; init; }
    public required int Sockets { get; init; }
    public required int RequestsPerSecond { get; init; }
    public required int LoginsPerMinute { get; init; }
    public required int SignupsPerHour { get; init; }
    /// <summary>From a request's first byte until its headers are whole.</summary>
    public required TimeSpan RequestHeaders { get; init; }

    /// <summary>Without a request, or between two.</summary>
    public required TimeSpan RequestIdle { get; init; }

    /// <summary>Between two questions for a sign of life; longer than anything lasts: none is asked.</summary>
    public required TimeSpan Ping { get; init; }

    /// <summary>How long the answer may take; longer than anything lasts: it is not waited for.</summary>
    public required TimeSpan Pong { get; init; }

    /// <summary>How long a client may take nothing; longer than anything lasts: for ever.</summary>
    public required TimeSpan Stall { get; init; }

    /// <summary>The most that stopping may take, all together; zero: nobody is waited for.</summary>
    public required TimeSpan Drain { get; init; }

    public required TimeSpan Heartbeat { get; init; }

    /// <summary>Which addresses beside the public ones webhooks may be sent to.</summary>
    public required PrivateWebhooks PrivateWebhooks { get; init; }

    /// <summary>How long a receiver of a webhook may take to answer.</summary>
    public required TimeSpan WebhookTimeout { get; init; }

    /// <summary>After failing for so long a webhook is paused.</summary>
    public required TimeSpan WebhookGiveUp { get; init; }

    /// <summary>How long after the start scheduled work begins.</summary>
    public required TimeSpan JobsAfter { get; init; }

    /// <summary>Off: every socket goes through the web server's own streams, as on systems without an event loop of ours.</summary>
    public required bool FastTransport { get; init; }

    /// <summary>How messages get into Google Sheets.</summary>
    public required GoogleSettings Google { get; init; }

    /// <summary>After how many days messages are removed; 0: never. A room may choose less.</summary>
    public required int RetentionDays { get; init; }

    /// <summary>For how many days messages are kept for a sink that has been failing or paused.</summary>
    public required int RetentionSinkDays { get; init; }

    /// <summary>How mail is sent.</summary>
    public required MailSettings Mail { get; init; }

    /// <summary>How the outlets of messages are served.</summary>
    public required SinkSettings Sinks { get; init; }

    /// <summary>Where traces and metrics are sent to.</summary>
    public required TelemetrySettings Telemetry { get; init; }

    public required LogFormat LogFormat { get; init; }

    /// <summary>Reads all settings from <paramref name="source"/> by the names of the environment.</summary>
    /// <exception cref="SettingException">Names the setting, the value and what is allowed.</exception>
    public static Settings Read(IConfiguration source)
    {
        var reader = new SettingReader(source);
        var dataDirectory = Path.GetFullPath(reader.Text("DATA_DIR", "data"));
        return new Settings
        {
            DataDirectory = dataDirectory,
            DatabasePath = reader.SqlitePath("DATABASE_URL", Path.Combine(dataDirectory, DatabaseFile)),
            PostgresConnection = reader.Postgres("DATABASE_URL"),
            Redis = reader.Redis("REDIS_URL"),
            Urls = reader.Urls(),
            AllowedHosts = reader.Hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
            AllowedOrigins = reader.Origins("ALLOWED_ORIGINS"),
            TrustedProxies = reader.Networks("TRUSTED_PROXIES", "127.0.0.1,::1"),
            MetricsNetworks = reader.Networks("METRICS_ALLOW", "127.0.0.1,::1"),
            Signup = reader.OneOf("SIGNUP", SignupMode.Open),
            GuestsAllowed = reader.Switch("GUESTS", true),
            Language = reader.Language("LANGUAGE_CODE", Languages.TraditionalChinese),
            TimeZone = reader.Zone("TIME_ZONE", "Asia/Taipei"),
            Hsts = reader.Switch("HSTS", false),
            MessageChars = reader.Number("LIMIT_MESSAGE_CHARS", 8000, most: SettingReader.MostBytes),
            FrameBytes = reader.Number("LIMIT_FRAME_BYTES", 65536, most: SettingReader.MostBytes),
            BodyBytes = reader.Number("LIMIT_BODY_BYTES", 1048576, most: SettingReader.MostBytes),
            MessagesPerSecond = reader.Number("LIMIT_MESSAGES_PER_SECOND", 10),
            MessagesBurst = reader.Number("LIMIT_MESSAGES_PER_SECOND_BURST", 20, "LIMIT_MESSAGES_BURST"),
            GuestMessagesPerSecond = reader.Number("LIMIT_GUEST_MESSAGES_PER_SECOND", 2),
            GuestMessagesBurst = reader.Number("LIMIT_GUEST_MESSAGES_PER_SECOND_BURST", 5, "LIMIT_GUEST_MESSAGES_BURST"),
            SocketsPerUser = reader.Number("LIMIT_SOCKETS_PER_USER", 20),
            SocketsPerAddress = reader.Number("LIMIT_SOCKETS_PER_ADDRESS", 100),
            Sockets = reader.Number("LIMIT_SOCKETS", 100000),
            RequestsPerSecond = reader.Number("LIMIT_REQUESTS_PER_SECOND", 50),
            LoginsPerMinute = reader.Number("LIMIT_LOGINS_PER_MINUTE", 10),
            SignupsPerHour = reader.Number("LIMIT_SIGNUPS_PER_HOUR", 20),
            RequestHeaders = reader.Seconds("REQUEST_HEADERS_SECONDS", 10),
            RequestIdle = reader.Seconds("REQUEST_IDLE_SECONDS", 130),
            Ping = reader.SecondsOrForever("SOCKET_PING_SECONDS", 20),
            Pong = reader.SecondsOrForever("SOCKET_PONG_SECONDS", 20),
            Stall = reader.SecondsOrForever("SOCKET_STALL_SECONDS", 15),
            Drain = reader.SecondsOrNone("DRAIN_SECONDS", 8),
            Heartbeat = reader.Seconds("SOCKET_HEARTBEAT_SECONDS", 20),
            PrivateWebhooks = reader.PrivateWebhooks("WEBHOOK_ALLOW_PRIVATE"),
            WebhookTimeout = reader.Seconds("WEBHOOK_TIMEOUT_SECONDS", 10),
            WebhookGiveUp = reader.Seconds("WEBHOOK_GIVE_UP_SECONDS", 3 * SettingReader.Day, longest: 365 * SettingReader.Day),
            JobsAfter = reader.Seconds("JOBS_AFTER_SECONDS", 60),
            FastTransport = reader.Switch("FAST_TRANSPORT", true),
            Telemetry = TelemetrySettings.Read(reader),
            LogFormat = reader.OneOf("LOG_FORMAT", LogFormat.Text),
            Google = GoogleSettings.Read(reader),
            RetentionDays = reader.Days("RETENTION_DAYS", 0),
            RetentionSinkDays = reader.Days("RETENTION_SINK_DAYS", 30),
            Mail = MailSettings.Read(reader),
            Sinks = SinkSettings.Read(reader),
        };
    }
}

/// <summary>Addresses beside the public ones.</summary>
/// <param name="IsOn">Every private one and this machine's own.</param>
/// <param name="Networks">These, whatever they are.</param>
public sealed record PrivateWebhooks(bool IsOn, IReadOnlyList<System.Net.IPNetwork> Networks);

/// <summary>A setting's value cannot be used; the message is one line for the person who starts the program.</summary>
/// <param name="line">The whole of it.</param>
public sealed class SettingException(string line) : Exception(line.ReplaceLineEndings(" "))
{
    /// <param name="name">The setting.</param>
    /// <param name="value">What it is set to, without any password.</param>
    /// <param name="allowed">What it may be.</param>
    public SettingException(string name, string value, string allowed)
        : this($"{name}={value}: {allowed}")
    {
    }
}
