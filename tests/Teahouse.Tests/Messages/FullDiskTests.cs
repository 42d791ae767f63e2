using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 9: a disk that takes nothing more. Provoked by the system's limit on the size of files, set and lifted while the server runs.</summary>
[Trait("Speed", "Slow")]
public sealed class FullDiskTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_acknowledged_reading_goes_on_and_writing_heals()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(directory, ("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")))
        {
            await using var client = await SocketClient.ConnectAsync(program.Address, "/ws/chat/full/", SocketClient.V1);
            await client.ReceiveAsync("subscribed");
            List<string> acknowledged = [];
            var refused = 0;
            async Task SendAsync(int i)
            {
                await client.SendAsync(new { type = "send", room = "full", message = $"{i} {new string('x', 6000)}", nonce = $"{i}" });
                var answer = await client.ReceiveAsync(frame => (string?)frame["nonce"] == $"{i}" && (string?)frame["type"] is "ack" or "error");
                if ((string?)answer["type"] == "ack")
                {
                    acknowledged.Add($"{i}");
                    return;
                }
                Assert.Equal("busy", (string?)answer["code"]);
                refused++;
            }

            for (var i = 0; i < 20; i++)
            {
                await SendAsync(i);
            }
            await LimitFileSizeAsync(program.Id, new FileInfo(Path.Combine(directory, "teahouse.db-wal")).Length + 100_000);
            for (var i = 20; refused < 5; i++)
            {
                Assert.True(i < 2000, "The disk never filled.");
                await SendAsync(i);
            }
            Assert.Equal(acknowledged.Count, await CountAsync(program.Address));
            using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = program.Address };
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/readyz", UriKind.Relative), Ct)).StatusCode);

            await LimitFileSizeAsync(program.Id, null);
            refused = 0;
            await SendAsync(5000);
            Assert.Equal(0, refused);
            Assert.Equal(0, refused);
            Assert.Equal(acknowledged, await ReadAsync(program.Address));
        }
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<int> CountAsync(Uri address) => (await ReadAsync(address)).Count;

    private static async Task<List<string>> ReadAsync(Uri address)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = address };
        List<string> found = [];
        for (var after = 0L; ;)
        {
            var page = await http.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/full/messages?after={after}&limit=200", UriKind.Relative), Ct);
            var messages = page!["messages"]!.AsArray();
            found.AddRange(messages.Select(message => ((string)message!["message"]!).Split(' ')[0]));
            if (!(bool)page["has_more"]!)
            {
                return found;
            }
            after = (long)messages[^1]!["seq"]!;
        }
    }

    private static async Task LimitFileSizeAsync(int processId, long? bytes)
    {
        var limit = bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
        using var process = Process.Start("prlimit", ["--pid", processId.ToString(CultureInfo.InvariantCulture), $"--fsize={limit}:unlimited"])!;
        await process.WaitForExitAsync(Ct);
        Assert.Equal(0, process.ExitCode);
    }
}
