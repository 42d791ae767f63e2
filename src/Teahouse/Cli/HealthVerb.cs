using System.CommandLine;
using System.Net;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse health</c>: asks the server of this machine whether it is ready, so that a container needs no HTTP client beside the program.</summary>
internal static class HealthVerb
{
    /// <summary>Whoever asks for health waits five seconds, and wants to be told why, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var command = new Verb("health", "Ask the running server whether it is ready; exit code 1 if it is not", "teahouse health");
        command.SetAction((parsed, ct) => AskAsync(parsed.InvocationConfiguration.Output, ct));
        return command;
    }

    private static async Task<int> AskAsync(TextWriter output, CancellationToken ct)
    {
        var settings = Server.ReadSettings();
        // The server may have been given other addresses than this command: it is asked which, if it can be.
        var listening = await ControlClient.ListAddressesAsync(ControlSocket.PathIn(settings.DataDirectory), ct);
        var address = ListenUrls.FromHere(listening is [var first, ..] ? first : settings.Urls[0]);
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience };
        using var client = new HttpClient(handler) { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/readyz"));
        request.Headers.Host = NameOf(settings.AllowedHosts);
        try
        {
            using var response = await client.SendAsync(request, ct);
            var state = await response.Content.ReadAsStringAsync(ct);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                await output.WriteLineAsync($"{address} is ready.".AsMemory(), ct);
                return 0;
            }
            throw new VerbException($"{address} is not ready: {(int)response.StatusCode} {state}");
        }
        catch (HttpRequestException e)
        {
            throw new VerbException($"{address} does not answer: {e.Message}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new VerbException($"{address} does not answer within {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>A name the server goes by: any other gets 400.</summary>
    private static string NameOf(IReadOnlyList<string> allowedHosts) =>
        allowedHosts is [var first, ..] && first != "*" ? first.Replace("*", "health", StringComparison.Ordinal) : "localhost";
}
