using System.Text;
using System.Text.RegularExpressions;
using Teahouse.Accounts;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Hooks;

/// <summary>Says what came by an incoming webhook. Thread-safe.</summary>
internal sealed partial class CallHook(HookQueries queries, HookStore store, RoomAccess access, MessageDoor door, Nicknames nicknames, Db db, Settings settings, TimeProvider clock)
{
    private const int MaxSecret = 100;
    private const char Cut = '…';

    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchHook"/> for a secret that is none, and those of posting.</exception>
    public async Task ExecuteAsync(HttpContext context, string secret, Func<Task<SlackMessage>> read, CancellationToken ct)
    {
        var target = secret.Length <= MaxSecret ? await queries.FindAsync(secret, ct) : null;
        if (target is null)
        {
            throw new RefusedException(Refusal.NoSuchHook);
        }
        var said = await read();
        var pass = await access.FindAsync(target.ToCaller(await NameAsync(target, said.Username, ct)), target.RoomName, ct);
        await door.PostAsync(context, pass, Shorten(said.Text), nonce: null);
        await NoteUseAsync(target);
    }

    // A name that cannot be shown, or is a user's, is no reason to lose the message.
    private async Task<string> NameAsync(HookTarget target, string? asked, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(asked))
        {
            return target.Name;
        }
        try
        {
            return await nicknames.CheckAsync(asked, ct);
        }
        catch (RefusedException)
        {
            return target.Name;
        }
    }

    /// <summary>Nobody reads a notifier's errors: better most of a long text than none.</summary>
    private string Shorten(string text)
    {
        var most = settings.MessageChars;
        var trimmed = Unseen().Replace(text, "").Trim();
        if (most == 0 || trimmed.EnumerateRunes().Take(most + 1).Count() <= most)
        {
            return trimmed;
        }
        var kept = new StringBuilder();
        foreach (var rune in trimmed.EnumerateRunes().Take(most - 1))
        {
            kept.Append(rune);
        }
        return kept.Append(Cut).ToString();
    }

    // Colours and titles of a terminal, and other control characters than tab and line breaks: a message may not hold them, and nobody means them to be read.
    [GeneratedRegex(@"\x1B\][^\x07\x1B]*(\x07|\x1B\\)?|\x1B\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]", RegexOptions.CultureInvariant)]
    private static partial Regex Unseen();

    private async Task NoteUseAsync(HookTarget target)
    {
        if (clock.GetUtcNow() - target.LastUsedAt < TouchEvery)
        {
            return;
        }
        try
        {
            await db.WriteAsync(session => store.NoteUseAsync(session, target.Id), CancellationToken.None);
        }
        catch (RefusedException)
        {
            // The next call notes it.
        }
    }
}
