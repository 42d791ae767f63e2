using System.Text.Encodings.Web;
using System.Text.Json;

namespace Teahouse.MyData;

/// <summary>Writes all that is kept about one user as one JSON document, piece by piece, so that neither a long history nor a restart in its midst matters. Thread-safe.</summary>
internal sealed class WriteMyData(DataExportStore store, MyDataQueries queries, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // A file to be read by people, which is shown in no page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Returns once the export is ready, or another process has it.</summary>
    public async Task ExecuteAsync(DataExport export, CancellationToken ct)
    {
        if (await queries.FindAsync(export.UserId, ct) is not { } mine)
        {
            return;
        }
        var head = JsonSerializer.Serialize(new { MadeAt = clock.GetUtcNow(), mine.Profile, mine.Sessions, mine.Tokens, mine.Webhooks, mine.Rooms, mine.Projects }, Json);
        var held = await store.AddPartAsync(export, 0, head[..^1] + ",\n\"messages\":[", ct);
        var (part, isFirst) = (1, true);
        for (var after = 0L; held is not null && after < mine.Newest;)
        {
            var (messages, through) = await queries.ListMessagesAsync(export.UserId, after, mine.Newest, ct);
            var text = string.Join(",\n", messages.Select(message => JsonSerializer.Serialize(message, Json)));
            after = through;
            if (text.Length > 0)
            {
                held = await store.AddPartAsync(held, part++, (isFirst ? "\n" : ",\n") + text, ct);
                isFirst = false;
            }
        }
        if (held is not null && await store.AddPartAsync(held, part, "\n]}\n", ct) is { } whole)
        {
            await store.FinishAsync(whole, ct);
        }
    }
}
