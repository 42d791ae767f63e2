#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
// How many machines? Plays a minute of talk in rooms of all sizes, spread over nodes, with what each step costs (docs/scaling.md says where the figures are from),
// and prints the tables of that page:  dotnet run bench/scaling.cs
using System.Globalization;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// Measured, on one core of a small virtual machine; microseconds of processor time unless named otherwise.
const double Send = 9.2;                  // a write to one socket, whatever it brings
const double Frame = 0.05;                // each further frame in the same write
const double MessageOnItsNode = 53;       // reading, checking, encoding, handing to the database
const double MessageOnOtherNodes = 25;    // hearing of it by Redis and publishing it
const double MessageInDatabase = 63;      // PostgreSQL: rows, log, share of the commit
const double MessageInRedis = 10;         // taking it in
const double MessageOutOfRedis = 12;      // giving it to one node
const double FrameBytes = 850;            // of a message on its way through Redis
const double LogBytes = 590;              // of a message in PostgreSQL's write-ahead log
const double SocketKilobytes = 2 + 4;     // in the program, and in the system
const double SmallRoom = 0.0005;          // seconds of a round after which nobody waits
const double LongestGap = 0.016;          // seconds between two long rounds of a busy room, and the round's own length
const double LongestPeriod = 0.027;       // seconds from one shorter round's beginning to the next's

// How full anything may be on an ordinary day.
const double Full = 0.5;
const double CoresPerNode = 2;            // one for the event loop, one for the rest
const double SocketsPerNode = 200_000;
const double Minute = 60;

// Connected members of a room, and the share of all messages that are said in such rooms.
(int Members, double Share)[] sizes = [(5, 0.60), (50, 0.30), (500, 0.09), (5_000, 0.01)];

Console.WriteLine("| connected | messages a user and hour | messages/s | frames/s | nodes (2 cores each) | of that for sockets' memory | PostgreSQL cores | log MB/s | Redis cores | Redis Mbit/s out |");
Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
foreach (var users in (double[])[10_000, 100_000, 1_000_000, 100_000_000])
{
    foreach (var hourly in (double[])[2, 20])
    {
        // A site of a hundred million is a hundred of one million, which share nothing but a name.
        var cells = Math.Max(1, users / 1_000_000);
        var need = Size(users / cells, hourly);
        Console.WriteLine($"| {users:N0} | {hourly} | {need.Messages * cells:N0} | {need.Frames * cells:N0} | {need.Nodes * cells:N0} | {need.MemoryGigabytes * cells:N1} GB | {Cores(need.Database * cells)} | {need.Messages * cells * LogBytes / 1e6:N1} | {Cores(need.Redis * cells)} | {need.RedisBytes * cells * 8 / 1e6:N0} |");
    }
}

Console.WriteLine();
Console.WriteLine("| one room of | messages/s | on nodes | writes/s a node | event loop of each | frames/s in all | frames a write |");
Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
foreach (var (members, rate, nodes) in (ReadOnlySpan<(int, double, int)>)[(1_000, 50, 1), (1_000, 800, 1), (10_000, 50, 1), (10_000, 50, 4), (100_000, 10, 10), (100_000, 10, 40), (1_000_000, 2, 100)])
{
    var (writes, frames) = Play(members / nodes, rate, new Random(1));
    var busy = ((writes * Send) + ((frames - writes) * Frame)) / 1e6;
    Console.WriteLine($"| {members:N0} | {rate} | {nodes} | {writes:N0} | {Math.Min(busy, 9.99):P0} | {frames * nodes:N0} | {frames / writes:N1} |");
}

return;

static string Cores(double cores) => cores < 1 ? "1" : $"{Math.Ceiling(cores):N0}";

// Everything that so many people need, on as few nodes as are no more than half full: more nodes cost more hints, so it is tried until it fits.
Need Size(double users, double hourly)
{
    for (var nodes = 2; ; nodes = Math.Max(nodes + 1, (int)(nodes * 1.05)))
    {
        var need = Sum(users, hourly, nodes);
        if (need.NodeCores <= nodes * CoresPerNode * Full && need.LoopCores <= nodes * Full && users <= nodes * SocketsPerNode)
        {
            return need with { Nodes = nodes };
        }
    }
}

Need Sum(double users, double hourly, int nodes)
{
    var messages = users * hourly / 3600;
    var (frames, loop, other, redis, heard) = (0.0, 0.0, 0.0, 0.0, 0.0);
    var random = new Random(1);
    foreach (var (members, share) in sizes)
    {
        var rooms = Math.Max(1, users * share / members);
        var rate = messages * share / rooms;
        // Members are wherever the balancer has put them.
        var on = nodes * (1 - Math.Pow(1 - (1.0 / nodes), members));
        var (writes, delivered) = Play(members / on, rate, random);
        frames += delivered * on * rooms;
        loop += ((writes * Send) + ((delivered - writes) * Frame)) * on * rooms / 1e6;
        heard += messages * share * Math.Max(0, on - 1);
        redis += messages * share * (MessageInRedis + (on * MessageOutOfRedis)) / 1e6;
    }
    other += ((messages * MessageOnItsNode) + (heard * MessageOnOtherNodes)) / 1e6;
    return new Need(messages, frames, nodes, loop, loop + other, messages * MessageInDatabase / 1e6 / Full, redis / Full, (heard + messages) * FrameBytes, users * SocketKilobytes / 1e6);
}

// A minute in one room on one node: messages come at random, and a round brings each member all that has come since the last. Returns writes and frames a second.
static (double Writes, double Frames) Play(double members, double rate, Random random)
{
    var (rounds, said) = (0, 0);
    var free = 0.0;
    var length = members * Send / 1e6;
    for (var at = Next(0); at < Minute;)
    {
        // The round begins with the message, or when the one before has been long enough ago.
        var begins = Math.Max(at, free);
        while (at <= begins)
        {
            said++;
            at = Next(at);
        }
        rounds++;
        free = begins + length + (length < SmallRoom ? 0 : Math.Min(6 * length, Math.Max(LongestPeriod - length, LongestGap)));
    }
    return (rounds * members / Minute, said * members / Minute);

    double Next(double from) => from - (Math.Log(1 - random.NextDouble()) / rate);
}

internal sealed record Need(double Messages, double Frames, int Nodes, double LoopCores, double NodeCores, double Database, double Redis, double RedisBytes, double MemoryGigabytes);
