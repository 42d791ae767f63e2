using System.Globalization;
using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Brings notices to the other nodes by the backplane, so that they need not wait for their next look into the table.</summary>
internal sealed class NoticeRelay(Notices notices, IBackplane backplane, Db db) : IHostedService
{
    private const string Subject = "notice";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (db.IsShared && backplane.IsShared)
        {
            notices.Added += Tell;
            backplane.Told += Hear;
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        notices.Added -= Tell;
        backplane.Told -= Hear;
        return Task.CompletedTask;
    }

    private void Tell(long id, string body) => backplane.Tell(Subject, string.Create(CultureInfo.InvariantCulture, $"{id} {body}"));

    private void Hear(string node, string subject, string body)
    {
        var parts = body.Split(' ', 2);
        if (subject == Subject && parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            notices.Receive(id, parts[1]);
        }
    }
}
