using System.Buffers;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Teahouse.Messages;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary>A whole list as a CSV file, streamed piece by piece: no read stays open while a slow reader takes what was read.</summary>
/// <param name="name">The file's, without its ending.</param>
/// <param name="columns">The first row.</param>
/// <param name="cellsOf">A row's cells.</param>
/// <param name="read">Reads a piece.</param>
/// <param name="keyOf">A row's id.</param>
/// <param name="tieOf">See <see cref="ListCut.Tie"/>.</param>
internal sealed class CsvResult<TRow>(string name, string[] columns, Func<TRow, string[]> cellsOf, Func<ListCut, CancellationToken, Task<List<TRow>>> read, Func<TRow, long> keyOf, Func<TRow, string> tieOf) : ActionResult
{
    private const int PieceSize = 500;

    public override async Task ExecuteResultAsync(ActionContext context)
    {
        var ct = context.HttpContext.RequestAborted;
        var response = context.HttpContext.Response;
        response.ContentType = "text/csv; charset=utf-8";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name + ".csv");
        response.Headers.ContentDisposition = disposition.ToString();
        var piece = new ArrayBufferWriter<byte>();
        // The mark by which spreadsheets know UTF-8.
        piece.Write("\ufeff"u8);
        CsvRows.Write(piece, columns);
        var cut = ListCut.First(PieceSize);
        for (var isLast = false; !isLast;)
        {
            var rows = await read(cut, ct);
            foreach (var row in rows)
            {
                CsvRows.Write(piece, cellsOf(row));
            }
            await response.Body.WriteAsync(piece.WrittenMemory, ct);
            piece.ResetWrittenCount();
            isLast = rows.Count < PieceSize;
            cut = isLast ? cut : cut with { Key = keyOf(rows[^1]), Tie = tieOf(rows[^1]) };
        }
    }
}
