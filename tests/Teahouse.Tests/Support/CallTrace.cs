using System.Text.RegularExpressions;

namespace Teahouse.Tests.Support;

/// <summary>What <c>strace -f</c> wrote: which call wrote, synced or sent what, in the order they began and ended.</summary>
internal sealed partial class CallTrace
{
    private readonly List<(int At, string Text)> _writes = [];
    private readonly List<(int At, string Text)> _sends = [];
    private readonly List<(int Began, int Ended)> _syncs = [];

    /// <summary>Runs what follows it and traces it; the process is the program's own, not the tracer's.</summary>
    public static string[] Command(string file) => ["strace", "-D", "-f", "-qq", "-s", "70000", "-e", "trace=fdatasync,fsync,sendto,sendmsg,write,pwrite64", "-e", "signal=none", "-o", file];

    public static CallTrace Read(string file)
    {
        var trace = new CallTrace();
        Dictionary<string, int> syncing = [];
        var at = 0;
        foreach (var line in File.ReadLines(file))
        {
            at++;
            if (Call().Match(line) is not { Success: true } call)
            {
                continue;
            }
            var thread = call.Groups[1].Value;
            switch (call.Groups[2].Value, IsResumed: line.Contains(" resumed>", StringComparison.Ordinal), IsUnfinished: line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                case ("fdatasync" or "fsync", IsResumed: true, _) when syncing.Remove(thread, out var began):
                    trace._syncs.Add((began, at));
                    break;
                case ("fdatasync" or "fsync", _, IsUnfinished: true):
                    syncing[thread] = at;
                    break;
                case ("fdatasync" or "fsync", _, _):
                    trace._syncs.Add((at, at));
                    break;
                // A sendto or write that is resumed has shown its bytes when it began.
                case ("sendto" or "sendmsg", IsResumed: false, _):
                    trace._sends.Add((at, line));
                    break;
                case ("write" or "pwrite64", IsResumed: false, _):
                    trace._writes.Add((at, line));
                    break;
                default:
                    break;
            }
        }
        return trace;
    }

    /// <summary>The first call that wrote this to a file.</summary>
    public int FirstWrite(string text) => _writes.First(write => write.Text.Contains(text, StringComparison.Ordinal)).At;

    /// <summary>The first call that sent this to anybody, as an ack or as a message.</summary>
    public int FirstSend(string text) => _sends.First(send => send.Text.Contains(text, StringComparison.Ordinal)).At;

    public bool HasSyncBetween(int first, int last) => CountSyncs(first, last) > 0;

    public int CountSyncs(int first, int last) => _syncs.Count(sync => sync.Began > first && sync.Ended < last);

    [GeneratedRegex(@"^(\d+) +(?:<\.\.\. )?(\w+)")]
    private static partial Regex Call();
}
