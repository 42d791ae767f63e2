using System.Collections.Concurrent;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using Dapper;
using Microsoft.Data.Sqlite;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Storage.Backups;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

/// <summary>Promise 10: a backup taken while everybody writes is whole, and a prefix of the history.</summary>
[Trait("Speed", "Slow")]
public sealed class BackupUnderLoadTests
{
    private const int Backups = 5;
    private const int Rooms = 20;
    private const int PerSecond = 2000;
    private const int OldMessages = 20_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backups_taken_during_2000_sends_a_second_are_prefixes_of_the_history()
    {
        await using var server = await TestServer.StartAsync([("DATABASE_URL", "sqlite:" + Path.Combine(Path.GetTempPath(), $"teahouse-load-{Guid.NewGuid():N}", "teahouse.db")), .. SharedServer.NoLimits]);
        var database = server.Get<Teahouse.Web.Settings>().DatabasePath;
        await FillAsync(server);
        var acked = new ConcurrentDictionary<(string Room, long Seq), string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var sending = SendAsync(server, acked, stop.Token);
        await Eventually.TrueAsync(() => acked.Count > PerSecond / 2);
        var take = new TakeBackup(database, server.DataDirectory, TimeProvider.System);
        List<(string Path, HashSet<(string, long)> Before, BackupManifest Manifest)> taken = [];
        for (var i = 0; i < Backups; i++)
        {
            HashSet<(string, long)> before = [.. acked.Keys];
            var path = Path.Combine(server.DataDirectory, $"{i}.tar.gz");
            List<long> copied = [];
            var progress = new BackupProgress(part => (done, _) => copied.AddRange(part == "Database" ? [done] : []), static () => { });
            taken.Add((path, before, await take.ExecuteAsync(path, progress, Ct)));
            // In several steps, and never from the beginning again, however much was written in between.
            Assert.True(copied.Count > 3);
            Assert.Equal(copied.Order(), copied);
            // It went on meanwhile.
            var during = before.Count;
            await Eventually.TrueAsync(() => acked.Count > during + 200);
        }
        await stop.CancelAsync();
        await sending;

        var all = await ReadAsync(database);
        Assert.Superset(acked.Keys.ToHashSet(), all.Keys.ToHashSet());
        foreach (var (path, before, manifest) in taken)
        {
            var copy = await UnpackAsync(path);
            Assert.Equal("ok", await IntegrityAsync(copy));
            var held = await ReadAsync(copy);
            Assert.Equal(manifest.Messages, held.Count);
            Assert.Superset(before, held.Keys.ToHashSet());
            // A prefix: nothing else than what the site holds, each room's from 1 without a hole, and nothing that was committed after something that is missing.
            Assert.All(held, message => Assert.Equal(message.Value, all[message.Key]));
            Assert.All(held.Keys.GroupBy(key => key.Room), room => Assert.Equal(room.Count(), room.Max(key => key.Seq)));
            Assert.Equal(held.Values.Max(message => message.Id), all.Values.Order().ElementAt(held.Count - 1).Id);
        }
        Directory.Delete(Path.GetDirectoryName(database)!, recursive: true);
    }

    /// <summary>A history of some size, so that copying it takes a while: 40 MB.</summary>
    private static Task FillAsync(TestServer server) => server.Get<Db>().WriteAsync(async session =>
    {
        const string Room = "INSERT INTO rooms (kind, name, name_key, title, topic, access, rev, last_seq, created_at) VALUES ('room', 'old', 'old', '', '', 'guests', @count, @count, 1)";
        const string Messages = """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
            INSERT INTO messages (room_id, seq, rev, kind, author_name, text, created_at)
            SELECT r.id, n.i, n.i, 'text', 'alice', @text, 1 FROM n, rooms r WHERE r.name_key = 'old'
            """;
        await session.ExecuteAsync(Room, new { count = OldMessages });
        await session.ExecuteAsync(Messages, new { count = OldMessages, text = new string('x', 2000) });
    }, Ct);

    /// <summary>As many sends as were asked for, spread over the rooms, however many the machine then manages.</summary>
    private static async Task SendAsync(TestServer server, ConcurrentDictionary<(string Room, long Seq), string> acked, CancellationToken ct)
    {
        var (post, access) = (server.Get<PostMessage>(), server.Get<RoomAccess>());
        List<RoomPass> passes = [];
        for (var i = 0; i < Rooms; i++)
        {
            var name = $"room-{i}";
            await post.ExecuteAsync(await access.EnterAsync(Caller.Anonymous, name, Ct), new PostMessageInput("first", null));
            passes.Add(await access.EnterAsync(Caller.Anonymous, name, Ct));
        }
        List<Task> sends = [];
        var since = Stopwatch.StartNew();
        for (var sent = 0; !ct.IsCancellationRequested;)
        {
            for (var due = since.Elapsed.TotalSeconds * PerSecond; sent < due; sent++)
            {
                sends.Add(SayAsync(passes[sent % Rooms], $"message {sent}"));
            }
            await Task.Delay(5, CancellationToken.None);
        }
        await Task.WhenAll(sends);

        async Task SayAsync(RoomPass pass, string text)
        {
            try
            {
                var posted = await post.ExecuteAsync(pass, new PostMessageInput(text, null));
                acked[(pass.Name, posted.Message.Seq)] = text;
            }
            catch (RefusedException e) when (e.Refusal == Refusal.Busy)
            {
                // Said clearly, and not stored.
            }
        }
    }

    private static async Task<string> UnpackAsync(string archive)
    {
        var target = archive + ".db";
        await using var unpacked = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        await using var tar = new TarReader(unpacked);
        while (await tar.GetNextEntryAsync(cancellationToken: Ct) is { } entry)
        {
            if (entry.Name == "teahouse.db")
            {
                await entry.ExtractToFileAsync(target, overwrite: true, Ct);
            }
        }
        return target;
    }

    private static async Task<string> IntegrityAsync(string path)
    {
        await using var connection = Open(path);
        return await connection.QuerySingleAsync<string>("PRAGMA integrity_check");
    }

    private static async Task<Dictionary<(string Room, long Seq), (long Id, string Text)>> ReadAsync(string path)
    {
        await using var connection = Open(path);
        return (await connection.QueryAsync<(long, string, long, string)>("SELECT m.id, r.name, m.seq, m.text FROM messages m JOIN rooms r ON r.id = m.room_id"))
            .ToDictionary(row => (row.Item2, row.Item3), row => (row.Item1, row.Item4));
    }

    private static SqliteConnection Open(string path) => new($"Data Source={path};Mode=ReadOnly;Pooling=False");
}
