using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Teahouse.Storage;
using Teahouse.Storage.Backups;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse backup</c> and <c>teahouse restore</c>. A backup only reads, beside a running server or without one, so that nothing is handed over; a restore needs the database for itself.</summary>
internal static class BackupVerbs
{
    private const int BytesPerUnit = 1024;

    private const string PostgresBackup =
        "This site's data are in PostgreSQL, keys included. Back them up with its own tool: pg_dump --format=custom --file=FILE \"$DATABASE_URL\" (docs/operations.md, PostgreSQL).";

    private const string PostgresRestore =
        "This site's data are in PostgreSQL. Stop every node, bring the dump back into an empty database with pg_restore --no-owner --dbname=\"$DATABASE_URL\" FILE, and then run: teahouse restore --new-history";

    public static Command CreateBackup()
    {
        var file = new Argument<string>("FILE") { Description = "The archive to write (tar.gz); one of this name is replaced once the new one is whole" };
        var json = VerbText.JsonOption();
        var command = new Verb("backup", "Copy the whole site on SQLite into one file, also while it runs: database, keys, uploads. The file holds secrets: keep it as safe as the site",
            "teahouse backup /var/backups/teahouse-$(date +%F).tar.gz", "teahouse backup site.tar.gz --json") { file, json };
        command.SetAction((parsed, ct) => BackupAsync(parsed, parsed.GetRequiredValue(file), parsed.GetValue(json), ct));
        return command;
    }

    public static Command CreateRestore()
    {
        var file = new Argument<string?>("FILE") { Description = "An archive of teahouse backup", Arity = ArgumentArity.ZeroOrOne };
        var force = new Option<bool>("--force") { Description = "Replace the site that is there; it is kept in DATA_DIR/replaced-…" };
        var renew = new Option<bool>("--new-history") { Description = "Without FILE: the database was brought back by other means (pg_restore, a disk's snapshot); tell clients to begin anew" };
        var json = VerbText.JsonOption();
        var command = new Verb("restore", "Bring a backup back. The server must be stopped. Clients notice, forget what the backup does not know, and go on",
            "teahouse restore /var/backups/teahouse-2026-11-21.tar.gz", "teahouse restore site.tar.gz --force", "teahouse restore --new-history") { file, force, renew, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null != result.GetValue(renew))
            {
                result.AddError("Give either FILE or --new-history.");
            }
        });
        command.SetAction((parsed, ct) => parsed.GetValue(file) is { } path
            ? RestoreAsync(parsed, path, parsed.GetValue(force), parsed.GetValue(json), ct)
            : RenewAsync(parsed, parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> BackupAsync(ParseResult parsed, string path, bool isJson, CancellationToken ct)
    {
        var settings = Server.ReadSettings();
        if (settings.PostgresConnection is not null)
        {
            throw new VerbException(PostgresBackup);
        }
        if (!File.Exists(settings.DatabasePath))
        {
            throw new VerbException($"There is no database {settings.DatabasePath} (DATABASE_URL, DATA_DIR).");
        }
        var manifest = await GuardAsync(path, () => new TakeBackup(settings.DatabasePath, settings.DataDirectory, TimeProvider.System).ExecuteAsync(path, Tell(parsed), ct));
        await using var archive = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(archive, ct));
        await (isJson
            ? VerbText.WriteJsonAsync(parsed, new { file = Path.GetFullPath(path), bytes = archive.Length, sha256, manifest })
            : parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{path}: {Counts(manifest)}; {archive.Length:N0} bytes, SHA-256 {sha256}")));
        return 0;
    }

    private static async Task<int> RestoreAsync(ParseResult parsed, string path, bool overwrites, bool isJson, CancellationToken ct)
    {
        await using var app = VerbText.BuildQuietly();
        var settings = app.Services.GetRequiredService<Settings>();
        if (settings.PostgresConnection is not null)
        {
            throw new VerbException(PostgresRestore);
        }
        if (!File.Exists(path))
        {
            throw new VerbException($"There is no file {path}.");
        }
        var restore = new RestoreBackup(settings.DatabasePath, settings.DataDirectory, app.Services.GetRequiredService<ILoggerFactory>(), TimeProvider.System);
        var restored = await GuardAsync(settings.DataDirectory, () => restore.ExecuteAsync(path, overwrites, Tell(parsed), ct));
        if (isJson)
        {
            await VerbText.WriteJsonAsync(parsed, new { restored.Epoch, restored.Replaced, restored.Manifest });
            return 0;
        }
        var output = parsed.InvocationConfiguration.Output;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Restored: {Counts(restored.Manifest)}, as of {restored.Manifest.CreatedAt:u}. A new history begins: {restored.Epoch}."));
        if (restored.Replaced is { } kept)
        {
            await output.WriteLineAsync($"What was there before is in {kept}; delete it when you no longer need it.");
        }
        return 0;
    }

    private static async Task<int> RenewAsync(ParseResult parsed, bool isJson, CancellationToken ct)
    {
        await using var app = VerbText.BuildQuietly();
        var db = app.Services.GetRequiredService<Db>();
        if (await db.IsNewAsync(ct))
        {
            // Opened it would no longer be empty, and nothing could be brought back into it.
            throw new VerbException("There is no site in this database (DATABASE_URL): bring it back first.");
        }
        await db.OpenAsync(ct);
        var epoch = await db.BeginHistoryAsync(ct);
        await (isJson ? VerbText.WriteJsonAsync(parsed, new { epoch }) : parsed.InvocationConfiguration.Output.WriteLineAsync($"A new history begins: {epoch}. Start the server; nodes that run must be started again."));
        return 0;
    }

    private static BackupProgress Tell(ParseResult parsed)
    {
        Progress? told = null;
        return new BackupProgress(
            part =>
            {
                var progress = told = new Progress(parsed.InvocationConfiguration.Error, "kB", TimeProvider.System, part);
                return (done, total) => progress.Report(done / BytesPerUnit, total / BytesPerUnit);
            },
            () => told?.Finish());
    }

    private static string Counts(BackupManifest manifest) =>
        string.Create(CultureInfo.InvariantCulture, $"{manifest.Users:N0} users, {manifest.Rooms:N0} rooms, {manifest.Messages:N0} messages");

    private static async Task<T> GuardAsync<T>(string place, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (BackupException e)
        {
            throw new VerbException(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new VerbException($"{place}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
