namespace Teahouse.Bench.Servers;

/// <summary>Where things are, and on which cores they run.</summary>
/// <param name="Root">The repository.</param>
/// <param name="Output">For results and logs.</param>
/// <param name="Uws">The uWebSockets server, when one was built.</param>
/// <param name="ServerCore">Null: not pinned.</param>
internal sealed record Setup(string Root, string Output, string? Uws, int? ServerCore)
{
    /// <summary>What Teahouse stores in; null: an SQLite file of its own.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary>What carries events between Teahouse's nodes; null: nothing.</summary>
    public string? RedisUrl { get; init; }

    /// <summary>A command on the server's core.</summary>
    public string[] Pinned(params string[] command) =>
        ServerCore is { } core ? ["taskset", "-c", core.ToString(System.Globalization.CultureInfo.InvariantCulture), .. command] : command;

    public string Teahouse => Path.Combine(Root, "artifacts", "publish", "teahouse.dll");

    public string Peers => Path.Combine(Root, "bench", "peers");

    public string AspNet => Path.Combine(Root, "artifacts", "bin", "Teahouse.Bench.AspNet", "release", "Teahouse.Bench.AspNet.dll");
}
