using System.ComponentModel;
using Microsoft.Net.Http.Headers;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary><c>/api/v1/rooms/{room}/export</c>: a room's whole history as a file.</summary>
internal static class ExportApi
{
    /// <summary>How often is looked whether the caller may still read.</summary>
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(400);

    public static void Map(RouteGroupBuilder rooms)
    {
        rooms.MapGet("/{room}/export", ExportAsync).WithName("exportRoom").WithSummary("Download a room's history")
            .WithDescription("""
                `csv` (RFC 4180; cells that a spreadsheet would take for a formula begin with an apostrophe) or `jsonl` (a message a line).
                What is said while it runs is not in it. It is streamed, so an error after its beginning cuts it short.
                """)
            .Produces<string>(StatusCodes.Status200OK, "text/csv", "application/jsonl").ForUsers().Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.BadFrame);
    }

    private static async Task ExportAsync(
        HttpContext context,
        string room,
        [Description("`csv` or `jsonl`.")] string format,
        [Description("`true`: begin a `csv` with the mark by which some spreadsheets know UTF-8.")] bool? bom,
        RoomAccess access,
        ExportRoom export,
        Sessions sessions,
        TimeProvider time,
        CancellationToken ct)
    {
        var kind = ExportRoom.ParseFormat(format) ?? throw new RefusedException(Refusal.BadFrame) { Field = "format" };
        var pass = await access.FindAsync(context.GetCaller(), room, ct);
        context.Response.ContentType = kind == ExportFormat.Csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName($"{pass.Name}.{format}");
        context.Response.Headers.ContentDisposition = disposition.ToString();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var writing = export.ExecuteAsync(pass, kind, bom ?? false, context.Response.Body, stop.Token);
        while (await Task.WhenAny(writing, Task.Delay(Watch, time, stop.Token)) != writing)
        {
            if (!await MayReadAsync())
            {
                // Cut off, so that it cannot be taken for whole.
                await stop.CancelAsync();
                context.Abort();
            }
        }
        try
        {
            if (!await writing)
            {
                // The room was deleted meanwhile.
                context.Abort();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader has gone, or may not read on.
        }

        async Task<bool> MayReadAsync()
        {
            try
            {
                await access.FindAsync(pass.Caller, pass.Name, CancellationToken.None);
                return await sessions.IsLiveAsync(pass.Caller, CancellationToken.None);
            }
            catch (RefusedException)
            {
                return false;
            }
        }
    }
}
