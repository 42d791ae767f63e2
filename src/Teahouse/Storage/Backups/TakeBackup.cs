using System.Security.Cryptography;

namespace Teahouse.Storage.Backups;

/// <summary>How far a backup or a restore has come.</summary>
/// <param name="begin">A part of the work begins; returns who is told of bytes done and to do.</param>
/// <param name="end">It has ended.</param>
internal sealed class BackupProgress(Func<string, Action<long, long>> begin, Action end)
{
    public T Run<T>(string part, Func<Action<long, long>, T> work)
    {
        var result = work(begin(part));
        end();
        return result;
    }

    public async Task<T> RunAsync<T>(string part, Func<Action<long, long>, Task<T>> work)
    {
        var result = await work(begin(part));
        end();
        return result;
    }
}

/// <summary>Makes a backup of a site on SQLite, beside a running server or without one: reads only, and writes one file.</summary>
internal sealed class TakeBackup(string databasePath, string dataDirectory, TimeProvider clock)
{
    /// <summary>The archive is there under its name only when it was written, put on disk, and read back.</summary>
    /// <exception cref="BackupException">The database is damaged, or the path is of the site's own files.</exception>
    public async Task<BackupManifest> ExecuteAsync(string path, BackupProgress progress, CancellationToken ct)
    {
        RefuseOwnFiles(path);
        var (unfinished, snapshot) = (path + ".part", path + ".part.db");
        try
        {
            Remove(unfinished, snapshot);
            PrivateFiles.CreateFile(snapshot);
            progress.Run("Database", report =>
            {
                SqliteSnapshot.Copy(databasePath, snapshot, report, ct);
                return true;
            });
            SqliteSnapshot.CheckIntegrity(snapshot);
            var content = SqliteSnapshot.Read(snapshot);
            // After the database: whatever it refers to is there.
            List<(string Name, string Source)> files = [(BackupArchive.Database, snapshot), .. List(BackupArchive.Keys), .. List(BackupArchive.Uploads)];
            var manifest = new BackupManifest
            {
                Format = BackupManifest.CurrentFormat,
                Program = BackupManifest.ThisProgram,
                CreatedAt = clock.GetUtcNow(),
                Schema = content.Schema,
                Epoch = content.Epoch,
                Users = content.Users,
                Rooms = content.Rooms,
                Messages = content.Messages,
                Files = await DescribeAsync(files, ct),
            };
            PrivateFiles.CreateFile(unfinished);
            await using (var archive = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
            {
                await progress.RunAsync("Archive", async report =>
                {
                    await BackupArchive.WriteAsync(archive, manifest, [.. files.Select(file => file.Source)], report, ct);
                    archive.Flush(flushToDisk: true);
                    return true;
                });
                archive.Position = 0;
                await progress.RunAsync("Check", report => BackupArchive.ReadAsync(archive, _ => Stream.Null, report, ct));
            }
            File.Move(unfinished, path, overwrite: true);
            return manifest;
        }
        finally
        {
            Remove(unfinished, snapshot);
        }
    }

    private static async Task<List<BackupMember>> DescribeAsync(IEnumerable<(string Name, string Source)> files, CancellationToken ct)
    {
        List<BackupMember> members = [];
        foreach (var (name, source) in files)
        {
            await using var content = File.OpenRead(source);
            members.Add(new BackupMember(name, content.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct))));
        }
        return members;
    }

    private IEnumerable<(string Name, string Source)> List(string folder)
    {
        var root = Path.Combine(dataDirectory, folder);
        return !Directory.Exists(root) ? []
            : Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(file => (folder + "/" + Path.GetRelativePath(root, file).Replace(Path.DirectorySeparatorChar, '/'), file));
    }

    private void RefuseOwnFiles(string path)
    {
        var full = Path.GetFullPath(path);
        var own = full == databasePath || full == databasePath + "-wal" || full == databasePath + "-shm" || full == databasePath + ".lock"
            || full.StartsWith(Path.Combine(dataDirectory, BackupArchive.Keys) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || full.StartsWith(Path.Combine(dataDirectory, BackupArchive.Uploads) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (own || Directory.Exists(full))
        {
            throw new BackupException(own ? $"{path} belongs to the site itself." : $"{path} is a directory.");
        }
    }

    private static void Remove(params string[] files)
    {
        foreach (var file in files)
        {
            File.Delete(file);
        }
        File.Delete(files[^1] + "-journal");
    }
}
