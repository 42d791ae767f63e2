using Teahouse.Bench.Load;

namespace Teahouse.Bench.Servers;

/// <summary>A program to start.</summary>
internal sealed record Command(string File, params IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Ends by itself before the next one starts: a preparation.</summary>
    public bool IsPreparation { get; init; }
}

/// <summary>A chat server that can be measured.</summary>
internal sealed record Server
{
    public required string Name { get; init; }
    public required Wire Wire { get; init; }

    /// <summary>What runs it on a port with its data in a directory of its own. The last command is the one that listens.</summary>
    public required Func<Setup, int, string, IReadOnlyList<Command>> Commands { get; init; }

    /// <summary>Why it cannot run here; null when it can.</summary>
    public Func<Setup, string?> Missing { get; init; } = _ => null;

    /// <summary>How many of it serve together.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>It stores messages and speaks <c>teahouse.v1</c>.</summary>
    public bool IsTeahouse { get; init; }

    /// <summary>Messages a second in one room of 1,000; a server that is far from these is asked for fewer.</summary>
    public IReadOnlyList<int> FanoutRates { get; init; } = [50, 200, 800];

    /// <summary>Messages a second in 200 rooms of 5.</summary>
    public int RoomsRate { get; init; } = 4000;
}
