using System.Diagnostics;
using System.Globalization;
using Teahouse.Storage;

namespace Teahouse.Cli.Doctor;

/// <summary>The disk that state is on: free, writable, and how long it takes until something is on it.</summary>
internal static class DiskCheck
{
    private const string Name = "disk";
    private const long LittleFree = 1L << 30;
    private const long TooLittleFree = 64L << 20;
    private const int Syncs = 5;
    private const int SyncBytes = 4096;

    private static readonly TimeSpan SlowSync = TimeSpan.FromMilliseconds(50);

    public static Finding Run(string directory)
    {
        try
        {
            PrivateFiles.CreateDirectory(directory);
            var sync = MeasureSync(directory);
            var drive = new DriveInfo(directory);
            var said = string.Create(CultureInfo.InvariantCulture, $"{directory}: {drive.AvailableFreeSpace / (1 << 20):N0} MB free, a write is on disk after {sync.TotalMilliseconds:0.0} ms");
            return drive.AvailableFreeSpace < TooLittleFree ? Finding.Fail(Name, said + ": full")
                : IsOpenToOthers(directory) ? Finding.Warn(Name, said + "; others may read the directory: chmod 700")
                : drive.AvailableFreeSpace < LittleFree ? Finding.Warn(Name, said + ": little is left")
                : sync > SlowSync ? Finding.Warn(Name, said + ": slow, every message waits for that")
                : Finding.Ok(Name, said);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail(Name, $"{directory} can't be written: {e.Message}");
        }
    }

    /// <summary>The median of a few.</summary>
    private static TimeSpan MeasureSync(string directory)
    {
        var path = Path.Combine(directory, $"doctor-{Guid.CreateVersion7():N}");
        List<TimeSpan> took = [];
        try
        {
            PrivateFiles.CreateFile(path);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (var i = 0; i < Syncs; i++)
            {
                var since = Stopwatch.GetTimestamp();
                file.Write(new byte[SyncBytes]);
                file.Flush(flushToDisk: true);
                took.Add(Stopwatch.GetElapsedTime(since));
            }
        }
        finally
        {
            File.Delete(path);
        }
        return took.Order().ElementAt(Syncs / 2);
    }

    private static bool IsOpenToOthers(string directory) => !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(directory) & (UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute)) != 0;
}
