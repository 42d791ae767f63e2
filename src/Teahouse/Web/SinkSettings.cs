namespace Teahouse.Web;

/// <summary>How the outlets of messages are served. Immutable.</summary>
public sealed record SinkSettings
{
    /// <summary>The first wait after a failure; each further one is twice as long, with some chance in it.</summary>
    public required TimeSpan Retry { get; init; }

    /// <summary>No wait is longer, unless the other side asks for it.</summary>
    public required TimeSpan LongestRetry { get; init; }

    /// <summary>How long a process that says nothing keeps a sink from the others.</summary>
    public required TimeSpan Lease { get; init; }

    internal static SinkSettings Read(SettingReader reader) => new()
    {
        Retry = reader.Seconds("SINK_RETRY_SECONDS", 15),
        LongestRetry = reader.Seconds("SINK_RETRY_MAX_SECONDS", 300),
        Lease = reader.Seconds("SINK_LEASE_SECONDS", 20),
    };
}

/// <summary>How messages get into Google Sheets. Immutable.</summary>
public sealed record GoogleSettings
{
    /// <summary>The key file of a service account.</summary>
    public required string CredentialsPath { get; init; }

    /// <summary>The spreadsheet that gets the messages of all rooms; null: none.</summary>
    public required string? SheetId { get; init; }

    /// <summary>The tab in it.</summary>
    public required string SheetName { get; init; }

    /// <summary>Where Google's API is; ends with a slash.</summary>
    public required Uri ApiBase { get; init; }

    /// <summary>The API is not Google's own: its host may give tokens, too.</summary>
    public required bool IsElsewhere { get; init; }

    public required int RowsPerCall { get; init; }

    /// <summary>For each service account; 0: no limit.</summary>
    public required int CallsPerMinute { get; init; }

    /// <summary>How long one call may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How long messages are gathered into one call, once one was written.</summary>
    public required TimeSpan Gather { get; init; }

    private static readonly Uri Google = new("https://sheets.googleapis.com/");

    internal static GoogleSettings Read(SettingReader reader)
    {
        var apiBase = reader.Address("GOOGLE_API_BASE", Google);
        return new GoogleSettings
        {
            CredentialsPath = Path.GetFullPath(reader.Text("GOOGLE_CREDS_PATH", "creds.json")),
            SheetId = reader.Text("GOOGLE_SHEET_ID", "") is { Length: > 0 } id ? id : null,
            SheetName = reader.Text("GOOGLE_SHEET_NAME", "ChatLogs"),
            ApiBase = apiBase,
            IsElsewhere = apiBase != Google,
            RowsPerCall = reader.Number("GOOGLE_ROWS_PER_CALL", 500) is var rows and > 0 ? rows : 500,
            CallsPerMinute = reader.Number("GOOGLE_CALLS_PER_MINUTE", 50),
            Timeout = reader.Seconds("GOOGLE_TIMEOUT_SECONDS", 30),
            Gather = reader.Seconds("GOOGLE_GATHER_SECONDS", 5),
        };
    }
}
