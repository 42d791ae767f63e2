using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Teahouse.Web;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>A tab of a spreadsheet.</summary>
internal sealed record SheetTab(long Id, string Title, long Rows, long Columns)
{
    /// <summary>A range in A1 notation; <paramref name="to"/> null for as far as there is anything.</summary>
    public static string Range(string title, string firstColumn, long from, string lastColumn, long? to) =>
        string.Create(CultureInfo.InvariantCulture, $"'{title.Replace("'", "''", StringComparison.Ordinal)}'!{firstColumn}{from}:{lastColumn}{to}");
}

/// <summary>The calls of the Sheets REST API v4 that a sink makes, at the pace its account may (<see cref="CallPace"/>). Every failure is a <see cref="GoogleException"/>. Thread-safe.</summary>
internal sealed class SheetsClient(HttpClient http, ServiceAccounts accounts, CallPace pace, Settings settings)
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The spreadsheet's tabs, with the size of their grids.</summary>
    public async Task<IReadOnlyList<SheetTab>> ListTabsAsync(ServiceAccount account, string spreadsheet, CancellationToken ct)
    {
        using var answer = await CallAsync(account, HttpMethod.Get, Address(spreadsheet, "?fields=sheets.properties"), body: null, ct);
        return answer.RootElement.TryGetProperty("sheets", out var sheets) ? [.. sheets.EnumerateArray().Select(sheet => ReadTab(sheet.GetProperty("properties")))] : [];
    }

    /// <summary>The values of a range, row by row, without empty rows and cells at the end.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<string>>> ReadAsync(ServiceAccount account, string spreadsheet, string range, CancellationToken ct)
    {
        using var answer = await CallAsync(account, HttpMethod.Get, Address(spreadsheet, $"/values/{Uri.EscapeDataString(range)}?valueRenderOption=UNFORMATTED_VALUE"), body: null, ct);
        return answer.RootElement.TryGetProperty("values", out var rows) ? [.. rows.EnumerateArray().Select(row => (IReadOnlyList<string>)[.. row.EnumerateArray().Select(Text)])] : [];
    }

    /// <summary>Writes rows to exactly this range, as they are: nothing is taken for a formula, a number or a date.</summary>
    public async Task UpdateAsync(ServiceAccount account, string spreadsheet, string range, IReadOnlyList<SheetLine> rows, CancellationToken ct)
    {
        using var answer = await CallAsync(account, HttpMethod.Put, Address(spreadsheet, $"/values/{Uri.EscapeDataString(range)}?valueInputOption=RAW"), json =>
        {
            json.WriteString("range"u8, range);
            json.WriteString("majorDimension"u8, "ROWS"u8);
            json.WriteStartArray("values"u8);
            foreach (var row in rows)
            {
                row.Write(json);
            }
            json.WriteEndArray();
        }, ct);
    }

    /// <summary>Appends empty rows or columns to a tab's grid.</summary>
    public async Task GrowAsync(ServiceAccount account, string spreadsheet, long tabId, string dimension, long length, CancellationToken ct)
    {
        using var answer = await BatchAsync(account, spreadsheet, "appendDimension", json =>
        {
            json.WriteNumber("sheetId"u8, tabId);
            json.WriteString("dimension"u8, dimension);
            json.WriteNumber("length"u8, length);
        }, ct);
    }

    /// <summary>Adds a tab.</summary>
    public async Task<SheetTab> AddTabAsync(ServiceAccount account, string spreadsheet, string title, long rows, long columns, CancellationToken ct)
    {
        using var answer = await BatchAsync(account, spreadsheet, "addSheet", json =>
        {
            json.WriteStartObject("properties"u8);
            json.WriteString("title"u8, title);
            json.WriteStartObject("gridProperties"u8);
            json.WriteNumber("rowCount"u8, rows);
            json.WriteNumber("columnCount"u8, columns);
            json.WriteEndObject();
            json.WriteEndObject();
        }, ct);
        return answer.RootElement.TryGetProperty("replies", out var replies) && replies.GetArrayLength() == 1
            && replies[0].TryGetProperty("addSheet", out var added) && added.TryGetProperty("properties", out var tab)
            ? ReadTab(tab)
            : throw new GoogleException(new SinkReason("not_understood"), isLasting: false);
    }

    /// <summary>Removes a tab with all that is in it.</summary>
    public async Task RemoveTabAsync(ServiceAccount account, string spreadsheet, long tabId, CancellationToken ct)
    {
        using var answer = await BatchAsync(account, spreadsheet, "deleteSheet", json => json.WriteNumber("sheetId"u8, tabId), ct);
    }

    private Task<JsonDocument> BatchAsync(ServiceAccount account, string spreadsheet, string request, Action<Utf8JsonWriter> write, CancellationToken ct) =>
        CallAsync(account, HttpMethod.Post, Address(spreadsheet, ":batchUpdate"), json =>
        {
            json.WriteStartArray("requests"u8);
            json.WriteStartObject();
            json.WriteStartObject(request);
            write(json);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }, ct);

    private Uri Address(string spreadsheet, string rest) => new(settings.Google.ApiBase, $"v4/spreadsheets/{Uri.EscapeDataString(spreadsheet)}{rest}");

    private async Task<JsonDocument> CallAsync(ServiceAccount account, HttpMethod method, Uri address, Action<Utf8JsonWriter>? body, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await pace.WaitAsync(account.Email, ct);
            timeout.CancelAfter(settings.Google.Timeout);
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await ServiceAccounts.GetTokenAsync(account, timeout.Token));
            if (body is not null)
            {
                request.Content = Content(body);
            }
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(account, response, timeout.Token);
            }
            await using var stream = await response.Content.ReadAsStreamAsync(timeout.Token);
            return await JsonDocument.ParseAsync(stream, cancellationToken: timeout.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw GoogleException.Network(e);
        }
        catch (JsonException e)
        {
            throw new GoogleException(new SinkReason("not_understood"), isLasting: false, e);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw GoogleException.TimedOut();
        }
    }

    private async Task<GoogleException> RefusalAsync(ServiceAccount account, HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        if (status == StatusCodes.Status401Unauthorized)
        {
            accounts.Forget(account);
        }
        var (word, message) = ReadError(await response.Content.ReadAsStringAsync(ct));
        var detail = string.Create(CultureInfo.InvariantCulture, $"{status} {word} {message}").Replace("  ", " ", StringComparison.Ordinal).Trim();
        // 409 is "ABORTED": somebody else changed the spreadsheet in the same moment.
        var isPassing = status is 408 or 409 or 429 or >= 500 || word == "RESOURCE_EXHAUSTED";
        return new GoogleException(new SinkReason(GoogleException.GoogleCode, detail), isLasting: !isPassing)
        {
            Status = status,
            RetryAfter = GoogleException.ReadRetryAfter(response),
        };
    }

    private static (string Word, string Message) ReadError(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                ? (error.TryGetProperty("status", out var word) ? Text(word) : "", error.TryGetProperty("message", out var message) ? Text(message) : "")
                : ("", "");
        }
        catch (JsonException)
        {
            // Something between here and Google answered.
            return ("", "");
        }
    }

    private static SheetTab ReadTab(JsonElement properties)
    {
        var grid = properties.TryGetProperty("gridProperties", out var found) ? found : default;
        // A number that is 0 is left out.
        return new SheetTab(Number(properties, "sheetId"), properties.GetProperty("title").GetString() ?? "", Number(grid, "rowCount"), Number(grid, "columnCount"));
    }

    private static long Number(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static string Text(JsonElement cell) => cell.ValueKind == JsonValueKind.String ? cell.GetString() ?? "" : cell.ValueKind == JsonValueKind.Null ? "" : cell.GetRawText();

    private static ReadOnlyMemoryContent Content(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return new ReadOnlyMemoryContent(buffer.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" } } };
    }
}
