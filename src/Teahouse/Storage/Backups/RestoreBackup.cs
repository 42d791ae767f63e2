using System.Globalization;

namespace Teahouse.Storage.Backups;

/// <summary>What a restore has done.</summary>
/// <param name="Manifest">What was in the archive.</param>
/// <param name="Epoch">The name of the history that begins with it.</param>
/// <param name="Replaced">The directory that holds what was there before; null when there was nothing.</param>
internal sealed record Restored(BackupManifest Manifest, string Epoch, string? Replaced);

/// <summary>Brings a backup back. Everything is unpacked beside its place, checked and brought to this version first; only then does it take the place of what is there, which is kept apart.</summary>
internal sealed class RestoreBackup(string databasePath, string dataDirectory, ILoggerFactory loggers, TimeProvider clock)
{
    /// <summary>The files of a database, its log before itself: at no moment does one stand beside another's log.</summary>
    private static readonly string[] Endings = ["-wal", "-shm", ""];

    private string Staged => databasePath + ".restored";

    private string StagedFiles => Path.Combine(dataDirectory, "restored.part");

    /// <param name="path">The archive.</param>
    /// <param name="overwrites">Whether a site that is there may be replaced.</param>
    /// <param name="progress">Who waits.</param>
    /// <param name="ct">Gives up while nothing was replaced.</param>
    /// <exception cref="BackupException">Nothing was changed: a site is there, or the archive is not whole.</exception>
    /// <exception cref="DatabaseInUseException">A server runs on the database.</exception>
    public async Task<Restored> ExecuteAsync(string path, bool overwrites, BackupProgress progress, CancellationToken ct)
    {
        PrivateFiles.CreateDirectory(dataDirectory);
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(databasePath) ?? dataDirectory);
        using var owned = SqliteDb.TakeLock(databasePath + ".lock");
        if (File.Exists(databasePath) && !overwrites && !SqliteDb.IsInterrupted(databasePath))
        {
            throw new BackupException($"There is a database already: {databasePath}. With --force it is replaced, and kept in another directory.");
        }
        try
        {
            Clear();
            PrivateFiles.CreateDirectory(StagedFiles);
            await using var archive = File.OpenRead(path);
            var manifest = await progress.RunAsync("Archive", report => BackupArchive.ReadAsync(archive, Create, report, ct));
            SqliteSnapshot.CheckIntegrity(Staged);
            var epoch = await RenewAsync(ct);
            if (File.Exists(Staged + "-wal"))
            {
                throw new BackupException($"{Staged} could not be closed as one file.");
            }
            ct.ThrowIfCancellationRequested();
            return new Restored(manifest, epoch, Replace());
        }
        finally
        {
            Clear();
        }
    }

    private FileStream Create(BackupMember file)
    {
        var path = file.Name == BackupArchive.Database ? Staged : Path.Combine(StagedFiles, file.Name);
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path) ?? StagedFiles);
        PrivateFiles.CreateFile(path);
        return new FlushedFile(path);
    }

    /// <summary>Opening brings it to this version; a history that goes on from an earlier moment is another one.</summary>
    private async Task<string> RenewAsync(CancellationToken ct)
    {
        await using var db = new SqliteDb(Staged, loggers);
        await db.OpenAsync(ct);
        return await db.BeginHistoryAsync(ct);
    }

    private string? Replace()
    {
        // Beginning here and until it is gone, no server starts: there may be no database, or half of one.
        File.WriteAllText(databasePath + SqliteDb.Interrupted, "");
        string? replaced = null;
        foreach (var ending in Endings.Where(ending => File.Exists(databasePath + ending)))
        {
            File.Move(databasePath + ending, Path.Combine(Keep(), Path.GetFileName(databasePath) + ending));
        }
        foreach (var folder in (string[])[BackupArchive.Keys, BackupArchive.Uploads])
        {
            var (staged, place) = (Path.Combine(StagedFiles, folder), Path.Combine(dataDirectory, folder));
            if (Directory.Exists(staged))
            {
                if (Directory.Exists(place))
                {
                    Directory.Move(place, Path.Combine(Keep(), folder));
                }
                Directory.Move(staged, place);
            }
        }
        File.Move(Staged, databasePath);
        File.Delete(databasePath + SqliteDb.Interrupted);
        return replaced;

        string Keep()
        {
            if (replaced is null)
            {
                replaced = Path.Combine(dataDirectory, clock.GetUtcNow().UtcDateTime.ToString("'replaced-'yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture));
                PrivateFiles.CreateDirectory(replaced);
            }
            return replaced;
        }
    }

    private void Clear()
    {
        foreach (var ending in (string[])["", "-wal", "-shm", "-journal", ".lock"])
        {
            File.Delete(Staged + ending);
        }
        if (Directory.Exists(StagedFiles))
        {
            Directory.Delete(StagedFiles, recursive: true);
        }
    }

    /// <summary>Is on disk when it is closed.</summary>
    private sealed class FlushedFile(string path) : FileStream(path, FileMode.Open, FileAccess.Write)
    {
        public override async ValueTask DisposeAsync()
        {
            Flush(flushToDisk: true);
            await base.DisposeAsync();
        }
    }
}
