using System.Diagnostics;
using System.Globalization;
using System.Net;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>Reads in a large database and in a small one: pages of history, catching up, the list of a thousand rooms.</summary>
internal static class History
{
    private const int SmallMessages = 10_000;
    private const int WarmUps = 400;
    private const int MostRequests = 2000;
    private const int CatchUp = 200;

    public static async Task RunAsync(ScenarioContext context)
    {
        foreach (var messages in new[] { SmallMessages, context.Options.Messages })
        {
            var data = Directory.CreateTempSubdirectory("teahouse-bench-").FullName;
            try
            {
                // Once up and down: the program makes its own tables.
                await using (await context.StartAsync(data))
                {
                }
                var seeded = HistorySeed.Fill(Path.Combine(data, "teahouse.db"), messages);
                await using var server = await context.StartAsync(data);
                using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Address };
                client.DefaultRequestHeaders.Add("Cookie", $"teahouse_session={seeded.SessionKey}");
                var hall = $"/api/v1/rooms/{HistorySeed.Hall}/messages";
                await MeasureAsync(context, server, client, messages, "page of 50", () => $"{hall}?before={Random.Shared.NextInt64(51, seeded.HallMessages)}&limit=50", "\"messages\":[{");
                await MeasureAsync(context, server, client, messages, $"{CatchUp} changes", () => $"{hall}?since_rev={seeded.HallRev - CatchUp}&limit={CatchUp}", "\"has_more\":false");
                // A hundred rows, and the heads of all the others.
                await MeasureAsync(context, server, client, messages, $"list of {HistorySeed.Rooms} rooms", () => "/?handler=List", HistorySeed.RoomName(HistorySeed.Rooms - 1));
            }
            finally
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    /// <summary>One request after the other, as many as fit, by one client.</summary>
    private static async Task MeasureAsync(ScenarioContext context, RunningServer server, HttpClient client, int messages, string name, Func<string> path, string expected)
    {
        for (var i = 0; i < WarmUps; i++)
        {
            await AskAsync(client, path(), expected);
        }
        List<double> times = [];
        var cpu = server.CpuMicroseconds;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < context.Options.Seconds && times.Count < MostRequests;)
        {
            var began = Stopwatch.GetTimestamp();
            await AskAsync(client, path(), expected);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        cpu = server.CpuMicroseconds - cpu;
        times.Sort();
        context.Report($"{name}, {messages.ToString("N0", CultureInfo.InvariantCulture)} messages",
        [
            new("CPU ms/request", cpu / 1000 / times.Count, 2),
            new("p50 ms", times[times.Count / 2], 2),
            new("p99 ms", times[times.Count * 99 / 100], 2),
            new("requests", times.Count),
            new("RSS MB", server.ResidentKilobytes / 1024),
        ]);
    }

    private static async Task AskAsync(HttpClient client, string path, string expected)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        if (response.StatusCode != HttpStatusCode.OK || !text.Contains(expected, StringComparison.Ordinal))
        {
            throw new IOException($"GET {path} answered {(int)response.StatusCode} without {expected}");
        }
    }
}
