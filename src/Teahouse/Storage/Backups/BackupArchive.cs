using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Teahouse.Storage.Backups;

/// <summary>The file that a backup is: a <c>tar.gz</c>, its first member <c>manifest.json</c>, then what that names, in its order.</summary>
internal static class BackupArchive
{
    public const string Database = "teahouse.db";
    public const string Keys = "keys";
    public const string Uploads = "uploads";

    private const string Manifest = "manifest.json";

    /// <summary>Longer is no manifest of ours.</summary>
    private const int LongestManifest = 256 * 1024 * 1024;

    /// <summary>Writes all members; <paramref name="sources"/> are their files, in the manifest's order.</summary>
    public static async Task WriteAsync(Stream to, BackupManifest manifest, IReadOnlyList<string> sources, Action<long, long> report, CancellationToken ct)
    {
        // The database has much air in it; more effort saves little and takes processor time from the server.
        await using var packed = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true);
        await using var tar = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true);
        using var head = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BackupManifest.Json));
        await tar.WriteEntryAsync(Entry(Manifest, manifest.CreatedAt, head), ct);
        var total = manifest.Files.Sum(file => file.Bytes);
        long done = 0;
        foreach (var (file, source) in manifest.Files.Zip(sources))
        {
            await using var content = new CountedStream(File.OpenRead(source), bytes => report(done + bytes, total));
            await tar.WriteEntryAsync(Entry(file.Name, manifest.CreatedAt, content), ct);
            done += file.Bytes;
        }
    }

    /// <summary>Reads an archive from its beginning to its end, and checks every member against the manifest.</summary>
    /// <param name="from">The archive.</param>
    /// <param name="open">Where a member's content goes; <see cref="Stream.Null"/> when it only is to be checked.</param>
    /// <param name="report">How many bytes of how many are done.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="BackupException">It is not an archive of ours, of a newer version, or not whole.</exception>
    public static async Task<BackupManifest> ReadAsync(Stream from, Func<BackupMember, Stream> open, Action<long, long> report, CancellationToken ct)
    {
        try
        {
            await using var unpacked = new GZipStream(from, CompressionMode.Decompress, leaveOpen: true);
            await using var tar = new TarReader(unpacked, leaveOpen: true);
            var manifest = await ReadManifestAsync(tar, ct);
            var total = manifest.Files.Sum(file => file.Bytes);
            long done = 0;
            foreach (var file in manifest.Files)
            {
                if (!IsOurs(file.Name) || await tar.GetNextEntryAsync(copyData: false, ct) is not { EntryType: TarEntryType.RegularFile } entry || entry.Name != file.Name || entry.Length != file.Bytes)
                {
                    throw new BackupException($"The archive does not hold {file.Name} as its manifest says.");
                }
                await using var content = new CountedStream(entry.DataStream ?? Stream.Null, bytes => report(done + bytes, total));
                await using var target = open(file);
                if (await CopyAsync(content, target, ct) != file.Sha256)
                {
                    throw new BackupException($"{file.Name} in the archive is damaged: its checksum differs.");
                }
                done += file.Bytes;
            }
            return await tar.GetNextEntryAsync(copyData: false, ct) is null ? manifest : throw new BackupException("The archive holds more than its manifest says.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException)
        {
            throw new BackupException($"This is no whole backup of Teahouse's: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static async Task<BackupManifest> ReadManifestAsync(TarReader tar, CancellationToken ct)
    {
        if (await tar.GetNextEntryAsync(copyData: false, ct) is not { Name: Manifest, Length: < LongestManifest, DataStream: { } content })
        {
            throw new BackupException("This is no backup of Teahouse's: it does not begin with manifest.json.");
        }
        var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(content, BackupManifest.Json, ct) ?? throw new JsonException("The manifest is empty.");
        return manifest.Format switch
        {
            > BackupManifest.CurrentFormat => throw new BackupException($"This backup was made by a newer version ({manifest.Program})."),
            _ when manifest.Files is not [{ Name: Database }, ..] => throw new BackupException("This backup holds no database."),
            _ => manifest,
        };
    }

    /// <summary>A member's name leads nowhere but into the folders that belong to a site.</summary>
    private static bool IsOurs(string name) => name == Database
        || (name.Split('/') is [Keys or Uploads, .. var rest] && rest.Length > 0 && rest.All(part => part is not ("" or "." or "..")) && name.AsSpan().IndexOfAny('\\', '\0') < 0);

    private static PaxTarEntry Entry(string name, DateTimeOffset at, Stream content) => new(TarEntryType.RegularFile, name)
    {
        DataStream = content,
        ModificationTime = at,
        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    private static async Task<string> CopyAsync(Stream from, Stream to, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), ct);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
