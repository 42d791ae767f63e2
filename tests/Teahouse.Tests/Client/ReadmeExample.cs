using Teahouse.Client;

namespace Teahouse.Tests.Client;

/// <summary>The example of the package's README, letter for letter but for white space.</summary>
internal static class ReadmeExample
{
    public static async Task<string> RunAsync(Uri server)
    {
        using var Console = new StringWriter();

        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server, Nickname = "小茶" });
        using var room = await client.JoinAsync("lobby");
        var receipt = await room.SendAsync("大家好");
        await foreach (var what in room.ReadEventsAsync())
        {
            if (what is MessageArrived { Message: var message })
            {
                Console.WriteLine($"{message.Seq} {message.User}: {message.Text}");
                if (message.Seq == receipt.Seq) break;
            }
        }

        return Console.ToString();
    }
}
