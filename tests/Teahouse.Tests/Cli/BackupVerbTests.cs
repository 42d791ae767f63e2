using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Teahouse.Client;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Slow")]
public sealed class BackupVerbTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("teahouse-test-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory.FullName, "data");

    private string Archive => Path.Combine(_directory.FullName, "site.tar.gz");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_site_that_was_brought_back_goes_on_from_where_the_backup_was()
    {
        Uri address;
        string epoch;
        CookieContainer cookies;
        TeahouseClient guest;
        RoomReader reader;
        long lostId;
        await using (var server = await StartAsync())
        {
            (address, epoch) = (server.Address, server.Get<Db>().Epoch);
            cookies = await server.SignInCookiesAsync("alice");
            using var browser = server.CreateClient(cookies);
            await browser.CreateRoomAsync("茶館", "guests");
            await SayAsync(server, "一", "二");
            guest = new TeahouseClient(new TeahouseClientOptions { Server = address, Nickname = "g", LongestRetry = TimeSpan.FromSeconds(1) });
            reader = new RoomReader(await guest.JoinAsync("茶館", Ct));

            var (made, output) = await RunAsync("backup", Archive, "--json");
            Assert.True(made == 0, output);
            Assert.Matches(@"(?m)^Database: [\d,]{3,} kB in", output);
            await CheckAnswerAsync(JsonNode.Parse(output.Split('\n').Single(line => line.StartsWith('{')))!, epoch);

            lostId = await SayAsync(server, "lost", "lost, too");
            await reader.ReachAsync(5);
            var (refused, why) = await RunAsync("restore", Archive, "--force");
            Assert.Equal((1, true), (refused, why.Contains("owns this database", StringComparison.Ordinal)));
        }
        var (untouched, already) = await RunAsync("restore", Archive);
        Assert.Equal((1, true), (untouched, already.Contains("--force", StringComparison.Ordinal)));

        var (restored, told) = await RunAsync("restore", Archive, "--force", "--json");

        Assert.True(restored == 0, told);
        var answer = JsonNode.Parse(told.Split('\n').Single(line => line.StartsWith('{')))!;
        Assert.True(File.Exists(Path.Combine((string)answer["replaced"]!, "teahouse.db")));
        await using (var server = await StartAsync(("URLS", address.ToString())))
        {
            Assert.Equal((string)answer["epoch"]!, server.Get<Db>().Epoch);
            Assert.NotEqual(epoch, server.Get<Db>().Epoch);
            // The client that never went away: it forgets what was lost, and has what is said from now on.
            await reader.NextAsync<RoomReset>(reset => reset.Reason == ResetReason.Missed);
            Assert.Equal(["一", "二"], reader.Texts.TakeLast(2));
            var newId = await SayAsync(server, "三");
            await reader.ReachAsync(4);
            Assert.Equal(["一", "二", "三"], reader.Texts.TakeLast(3));
            // Who remembers the last id it saw must not take a new message for an old one.
            Assert.True(newId > lostId);
            // Keys and accounts came back: still signed in.
            using var browser = server.CreateClient(cookies);
            using var page = await browser.GetAsync(new Uri("/settings/", UriKind.Relative), Ct);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
        await guest.DisposeAsync();
    }

    [Fact]
    public async Task What_is_no_whole_backup_changes_nothing()
    {
        await using (var server = await StartAsync())
        {
            using var alice = await server.SignInAsync("alice");
        }
        Assert.Equal(0, (await RunAsync("backup", Archive)).ExitCode);
        var whole = await File.ReadAllBytesAsync(Archive, Ct);
        var before = SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Data, "teahouse.db"), Ct));

        foreach (var broken in (byte[][])[whole[..^(whole.Length / 2)], Damage(whole), "no archive at all"u8.ToArray(), Escape(whole)])
        {
            await File.WriteAllBytesAsync(Archive, broken, Ct);
            var (exitCode, output) = await RunAsync("restore", Archive, "--force");
            Assert.True(exitCode == 1, output);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }

        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Data, "teahouse.db"), Ct)));
        Assert.False(File.Exists(Path.Combine(_directory.FullName, "escaped")));
        Assert.Empty(Directory.GetFileSystemEntries(Data, "*rest*"));
    }

    [Fact]
    public async Task A_restore_that_was_broken_off_keeps_the_server_from_starting_until_it_is_done_again()
    {
        await using (var server = await StartAsync())
        {
            using var alice = await server.SignInAsync("alice");
        }
        Assert.Equal(0, (await RunAsync("backup", Archive)).ExitCode);
        // Killed when the old database was out of the way and the new one not yet there.
        await File.WriteAllTextAsync(Path.Combine(Data, "teahouse.db.restoring"), "", Ct);
        File.Delete(Path.Combine(Data, "teahouse.db"));

        var (started, why) = await RunAsync("user", "list");
        Assert.Equal((1, true), (started, why.Contains("restore was begun", StringComparison.Ordinal)));
        var (exitCode, output) = await RunAsync("restore", Archive);

        Assert.True(exitCode == 0, output);
        await using var again = await StartAsync();
        Assert.Equal(1, await again.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM users"), Ct));
    }

    [Fact]
    public async Task The_sites_own_files_are_not_written_over_and_a_missing_database_is_said()
    {
        await using (await StartAsync())
        {
            var (own, output) = await RunAsync("backup", Path.Combine(Data, "teahouse.db"));
            Assert.Equal((1, true), (own, output.Contains("belongs to the site", StringComparison.Ordinal)));
            var (nowhere, why) = await RunAsync("backup", Path.Combine(_directory.FullName, "no", "such", "directory.tar.gz"));
            Assert.Equal((1, true), (nowhere, why.Contains("directory.tar.gz", StringComparison.Ordinal)));
        }
        var (missing, none) = await ProgramProcess.RunAsync(["backup", Archive], null, ("DATA_DIR", Path.Combine(_directory.FullName, "empty")));
        Assert.Equal((1, true), (missing, none.Contains("There is no database", StringComparison.Ordinal)));
    }

    private async Task CheckAnswerAsync(JsonNode answer, string epoch)
    {
        Assert.Equal((Path.GetFullPath(Archive), epoch), ((string)answer["file"]!, (string)answer["manifest"]!["epoch"]!));
        Assert.Equal((1, 1, 3), ((int)answer["manifest"]!["users"]!, (int)answer["manifest"]!["rooms"]!, (int)answer["manifest"]!["messages"]!));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Archive, Ct))), (string)answer["sha256"]!);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Archive) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal(["site.tar.gz"], _directory.GetFiles().Select(file => file.Name));
        // What another program sees in it.
        await using var unpacked = new GZipStream(File.OpenRead(Archive), CompressionMode.Decompress);
        await using var tar = new TarReader(unpacked);
        List<string> names = [];
        while (await tar.GetNextEntryAsync(cancellationToken: Ct) is { } entry)
        {
            names.Add(entry.Name);
        }
        Assert.Equal(["manifest.json", "teahouse.db"], names[..2]);
        Assert.Contains(names, name => name.StartsWith("keys/key-", StringComparison.Ordinal));
    }

    private static byte[] Damage(byte[] archive)
    {
        var damaged = archive.ToArray();
        damaged[^100] ^= 1;
        return damaged;
    }

    /// <summary>One that would be unpacked outside of its place.</summary>
    private static byte[] Escape(byte[] archive)
    {
        using var from = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        var manifest = JsonNode.Parse(from.GetNextEntry(copyData: true)!.DataStream!)!;
        var database = from.GetNextEntry(copyData: true)!;
        var content = "x"u8.ToArray();
        manifest["files"] = new JsonArray(manifest["files"]![0]!.DeepClone(),
            new JsonObject { ["name"] = "keys/../../escaped", ["bytes"] = 1, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)) });
        using var to = new MemoryStream();
        using (var packed = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(packed))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "manifest.json") { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString())) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "teahouse.db") { DataStream = database.DataStream });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "keys/../../escaped") { DataStream = new MemoryStream(content) });
        }
        return to.ToArray();
    }

    private Task<TestServer> StartAsync(params (string Name, string Value)[] settings) =>
        TestServer.StartAsync([("DATABASE_URL", "sqlite:" + Path.Combine(Data, "teahouse.db")), .. SharedServer.NoLimits, .. settings], Data);

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => await ProgramProcess.RunAsync(arguments, null, ("DATA_DIR", Data));

    /// <summary>Says something in the room; returns the last one's id.</summary>
    private static async Task<long> SayAsync(TestServer server, params string[] texts)
    {
        using var bot = await server.CreateBotAsync("alice");
        long id = 0;
        foreach (var text in texts)
        {
            using var said = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/茶館/messages", UriKind.Relative), new { message = text }, Ct);
            said.EnsureSuccessStatusCode();
            id = (long)(await said.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
        }
        return id;
    }
}
