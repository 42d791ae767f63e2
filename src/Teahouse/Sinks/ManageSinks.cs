using Teahouse.Rooms;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <param name="Name">What it is called; the tab's name when there is none.</param>
/// <param name="Spreadsheet">The spreadsheet's address, or the id in it.</param>
/// <param name="Tab">The tab's name.</param>
/// <param name="Key">The text of a service account's key file; null for the server's own.</param>
/// <param name="Room">The room whose messages are wanted; null for all.</param>
/// <param name="Project">The slug of the project whose chats are wanted.</param>
/// <param name="FromBeginning">Also what was said until now.</param>
public sealed record SheetInput(string? Name, string? Spreadsheet, string? Tab, string? Key, string? Room, string? Project, bool FromBeginning);

/// <summary>What administrators do with sinks. Each act is in the audit log. Thread-safe.</summary>
internal sealed class ManageSinks(SinkStore store, SinkQueries queries, AskSheet ask, ServiceAccounts accounts, Db db, TimeProvider clock)
{
    public const int MaxName = 100;

    private const string RoomId = "SELECT id FROM rooms WHERE name_key = @key";

    private const string ProjectId = "SELECT id FROM projects WHERE slug = @project";

    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>.</exception>
    public async Task<List<SinkView>> ListAsync(Caller caller, CancellationToken ct)
    {
        Require(caller);
        return await queries.ListAsync(ct);
    }

    /// <summary>Makes a sheet sink and returns its id.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.BadSheet"/>, <see cref="Refusal.BadKey"/>, <see cref="Refusal.KeyMissing"/>, <see cref="Refusal.KeyElsewhere"/>, <see cref="Refusal.NoWorker"/>,
    /// <see cref="Refusal.NoSuchRoom"/>,
    /// <see cref="Refusal.NoSuchProject"/>, <see cref="Refusal.SheetTaken"/>.</exception>
    public async Task<long> AddSheetAsync(Caller caller, SheetInput input, CancellationToken ct)
    {
        Require(caller);
        var config = await ReadAsync(input, ct);
        var name = input.Name?.Trim() is { Length: > 0 } given ? given : config.Tab;
        if (name.Length > MaxName || name.Any(char.IsControl))
        {
            throw new RefusedException(Refusal.BadSheet, MaxName) { Field = "name" };
        }
        return await db.WriteAsync(async session =>
        {
            var (roomId, projectId) = await FindScopeAsync(session, input);
            if ((await queries.ListOfKindAsync(session, SheetTarget.SheetKind)).Select(sink => SheetConfig.Parse(sink.Config)).Any(other => other.Spreadsheet == config.Spreadsheet && other.Tab == config.Tab))
            {
                throw new RefusedException(Refusal.SheetTaken) { Field = "tab" };
            }
            var id = await store.CreateAsync(session, new NewSink
            {
                Kind = SheetTarget.SheetKind,
                Name = name,
                Config = config.ToString(),
                RoomId = roomId,
                ProjectId = projectId,
                CursorId = input.FromBeginning ? 0 : null,
                CreatedBy = caller.UserId,
            });
            await AuditLog.AddAsync(session, clock.GetUtcNow(), caller, "sink_added", name, config.Account ?? "");
            return id;
        }, ct);
    }

    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchSink"/>.</exception>
    public Task PauseAsync(Caller caller, long id, CancellationToken ct) => ChangeAsync(caller, id, "sink_paused", (session, _) => store.PauseAsync(session, id, SinkReason.ByHand), ct);

    /// <inheritdoc cref="PauseAsync"/>
    public Task ResumeAsync(Caller caller, long id, CancellationToken ct) => ChangeAsync(caller, id, "sink_resumed", (session, _) => store.ResumeAsync(session, id), ct);

    /// <param name="caller">An administrator.</param>
    /// <param name="id">Which.</param>
    /// <param name="cursorId">Behind which message it goes on; null: with what is said from now on.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchSink"/>.</exception>
    public Task ResetAsync(Caller caller, long id, long? cursorId, CancellationToken ct) =>
        ChangeAsync(caller, id, "sink_reset", async (session, _) => await store.ResetAsync(session, id, Math.Max(0, cursorId ?? await SinkLog.FindNewestAsync(session))), ct);

    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchSink"/>, <see cref="Refusal.SinkOfSettings"/>.</exception>
    public Task RemoveAsync(Caller caller, long id, CancellationToken ct) => ChangeAsync(caller, id, "sink_removed", (session, sink) =>
        sink.Origin is null ? store.DeleteAsync(session, id) : throw new RefusedException(Refusal.SinkOfSettings), ct);

    /// <summary>Refuses everybody but administrators.</summary>
    public static void Require(Caller caller)
    {
        caller.Require(TokenScope.Admin);
        if (!caller.IsAdmin)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
    }

    private async Task ChangeAsync(Caller caller, long id, string action, Func<DbSession, SinkRow, Task> change, CancellationToken ct)
    {
        Require(caller);
        // Other kinds have owners of their own.
        var sink = await queries.FindAsync(id, ct) is { Kind: SheetTarget.SheetKind } found ? found : throw new RefusedException(Refusal.NoSuchSink);
        await db.WriteAsync(async session =>
        {
            await change(session, sink);
            await AuditLog.AddAsync(session, clock.GetUtcNow(), caller, action, sink.Name);
        }, ct);
    }

    private async Task<SheetConfig> ReadAsync(SheetInput input, CancellationToken ct)
    {
        var tab = input.Tab?.Trim() is { Length: > 0 } given ? given : "ChatLogs";
        if (SheetAddress.Find(input.Spreadsheet) is not { } spreadsheet || tab.Length > MaxName || tab.Any(char.IsControl))
        {
            throw new RefusedException(Refusal.BadSheet, MaxName) { Field = "spreadsheet" };
        }
        var config = new SheetConfig { Spreadsheet = spreadsheet, Tab = tab };
        try
        {
            return string.IsNullOrWhiteSpace(input.Key)
                ? config with { Account = await ask.FindServerAccountAsync(ct) }
                : config with { Account = accounts.Check(input.Key).Email, Key = accounts.Hide(input.Key) };
        }
        catch (GoogleException e)
        {
            throw new RefusedException(e.Reason.Code switch { "key_missing" => Refusal.KeyMissing, "key_elsewhere" => Refusal.KeyElsewhere, "no_worker" => Refusal.NoWorker, _ => Refusal.BadKey }) { Field = "key" };
        }
    }

    private static async Task<(long? RoomId, long? ProjectId)> FindScopeAsync(DbSession session, SheetInput input)
    {
        if (input.Room?.Trim() is { Length: > 0 } room)
        {
            return (await session.FindAsync<long?>(RoomId, new { key = RoomName.Key(room) }) ?? throw new RefusedException(Refusal.NoSuchRoom) { Field = "room" }, null);
        }
        return input.Project?.Trim() is { Length: > 0 } project
            ? (null, await session.FindAsync<long?>(ProjectId, new { project }) ?? throw new RefusedException(Refusal.NoSuchProject) { Field = "project" })
            : (null, null);
    }
}
