using System.CommandLine;
using System.Globalization;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse export</c>: a room's history as a file. It only reads, beside a running server or without one, so nothing is handed over and nothing is migrated.</summary>
internal static class ExportVerb
{
    private static readonly string[] Formats = ["csv", "jsonl"];

    public static Command Create()
    {
        var room = new Option<string>("--room") { Description = "The room's name; for a project chat the key in its address", Required = true };
        var format = new Option<string>("--format") { Description = "csv: for spreadsheets; jsonl: a message a line, as the API gives it", Required = true };
        format.AcceptOnlyFromAmong(Formats);
        var path = new Option<string?>("--out") { Description = "The file to write (standard output if not given, or -); it is there only once it is whole" };
        var mark = new Option<bool>("--bom") { Description = "Begin a csv with the mark by which some spreadsheets know UTF-8" };
        var command = new Verb("export", "Write a room's whole history, with progress on standard error",
            "teahouse export --room lobby --format csv --bom --out lobby.csv", "teahouse export --room lobby --format jsonl | gzip > lobby.jsonl.gz") { room, format, path, mark };
        command.SetAction((parsed, ct) => RunAsync(new Order(parsed.GetRequiredValue(room), parsed.GetRequiredValue(format), parsed.GetValue(path) is "-" ? null : parsed.GetValue(path), parsed.GetValue(mark)), parsed.InvocationConfiguration.Error, ct));
        return command;
    }

    private static async Task<int> RunAsync(Order order, TextWriter error, CancellationToken ct)
    {
        await using var app = VerbText.BuildQuietly();
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
        await app.Services.GetRequiredService<Db>().OpenForReadingAsync(ct);
        try
        {
            var pass = await app.Services.GetRequiredService<RoomAccess>().FindAsync(Caller.System, order.Room, ct);
            await WriteAsync(app.Services, pass, order, new Progress(error, "messages", app.Services.GetRequiredService<TimeProvider>(), isData: order.Path is null), ct);
            return 0;
        }
        catch (RefusedException e)
        {
            throw VerbErrors.From(e, app.Services);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VerbException($"{order.Path ?? "Standard output"} can't be written: {e.Message}");
        }
    }

    private static async Task WriteAsync(IServiceProvider services, RoomPass pass, Order order, Progress progress, CancellationToken ct)
    {
        if (order.Path is null)
        {
            await using var output = Terminal.OpenOutput();
            await ExportAsync(services, pass, order, output, progress, ct);
            return;
        }
        // Under another name until it is whole; and a private room's history is for nobody else on this machine.
        var unfinished = order.Path + ".part";
        File.Delete(unfinished);
        PrivateFiles.CreateFile(unfinished);
        await using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.Write))
        {
            await ExportAsync(services, pass, order, file, progress, ct);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, order.Path, overwrite: true);
    }

    private static async Task ExportAsync(IServiceProvider services, RoomPass pass, Order order, Stream to, Progress progress, CancellationToken ct)
    {
        // Not null: the option takes only these.
        var format = ExportRoom.ParseFormat(order.Format)!.Value;
        if (!await services.GetRequiredService<ExportRoom>().ExecuteAsync(pass, format, order.WithMark, to, ct, progress.Report))
        {
            throw new VerbException($"{pass.Name} was deleted meanwhile; what was written is not whole.");
        }
        await to.FlushAsync(ct);
        progress.Finish();
    }

    private sealed record Order(string Room, string Format, string? Path, bool WithMark);
}
