using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Teahouse.Realtime;

/// <summary>What the nodes tell each other on the channel that is for themselves.</summary>
internal sealed partial class RedisBackplane
{
    private const string BeatSubject = "beat";

    /// <summary>Node, subject and body, a line each.</summary>
    private void HearNode(int generation, RedisValue message)
    {
        var parts = ((string?)message ?? "").Split('\n', 3);
        if (generation != Volatile.Read(ref _generation) || parts.Length != 3)
        {
            return;
        }
        var (node, subject, body) = (parts[0], parts[1], parts[2]);
        switch (subject)
        {
            case BeatSubject when long.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                var isWhole = _peers.Beat(node, number);
                if (node == Node && !IsConnected)
                {
                    Volatile.Write(ref _isConnected, true);
                    _saidWhy = false;
                    LogHeard(log);
                    isWhole = false;
                }
                if (!isWhole)
                {
                    Interrupted?.Invoke();
                }
                break;
            case IBackplane.ByeSubject:
                _peers.Bye(node);
                HearOther(node, subject, body);
                break;
            default:
                HearOther(node, subject, body);
                break;
        }
    }

    private void HearOther(string node, string subject, string body)
    {
        if (node == Node)
        {
            return;
        }
        try
        {
            Told?.Invoke(node, subject, body);
        }
#pragma warning disable CA1031 // Another node may be of another version; what it said then is not understood, and the next may be.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotUnderstood(log, subject, e);
        }
    }

    private void SendToNodes(string subject, string body) => Send(NodesChannel, Encoding.UTF8.GetBytes($"{Node}\n{subject}\n{body}"));

    private async Task SendToNodesAsync(string subject, string body)
    {
        try
        {
            if (_redis is { } redis)
            {
                await redis.GetSubscriber().PublishAsync(NodesChannel, $"{Node}\n{subject}\n{body}");
            }
        }
        catch (Exception e) when (IsRedisTrouble(e))
        {
            // Then nobody hears it.
        }
    }
}
