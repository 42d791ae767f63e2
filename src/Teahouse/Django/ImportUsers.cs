using System.Globalization;
using System.Text;
using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>Takes the accounts of a Django site.</summary>
internal sealed class ImportUsers(Db db, UserStore users, AccountQueries accounts, TimeProvider clock)
{
    /// <summary>How many are stored in one transaction.</summary>
    private const int AtOnce = 200;

    private const int RoomForNumber = 8;

    /// <summary>Returns who everybody is here, by their ids there. Nothing is stored in a dry run; who would be new has the negative of the id there.</summary>
    /// <param name="people">The site's accounts, in the order of their ids.</param>
    /// <param name="merges">Accounts made here are the people of the same name there.</param>
    /// <param name="report">Told of everything that is not simply taken.</param>
    /// <param name="ct">Gives up between two transactions.</param>
    public async Task<Dictionary<long, OldAuthor>> ExecuteAsync(IReadOnlyList<OldUser> people, bool merges, ImportReport report, CancellationToken ct)
    {
        var source = report.Source;
        var known = (await db.ReadAsync(session => ImportStore.ListUsersAsync(session, source), ct)).ToDictionary(row => row.OldId);
        // Two people of one site are never one here: the second would get the first's private chats.
        HashSet<long> given = [.. people.Select(old => FindBefore(known, old)).OfType<KnownUser>().Where(before => before.Username is not null).Select(before => before.NewId)];
        Dictionary<long, OldAuthor> authors = [];
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach (var some in people.Chunk(AtOnce))
        {
            List<(OldUser Old, User New)> fresh = [];
            List<(OldUser Old, long Id)> joined = [];
            List<(OldUser Old, long Id)> unmarked = [];
            foreach (var old in some)
            {
                if (FindBefore(known, old) is { } before)
                {
                    report.UsersKnown++;
                    authors[old.Id] = new OldAuthor(before.Username is null ? null : before.NewId, before.Username ?? old.Username);
                    if (before.Username is null)
                    {
                        report.Note("deleted", $"{old.Username}: was deleted here since it was imported; what it wrote is taken without an account");
                    }
                    if (before.Mark != old.Mark)
                    {
                        unmarked.Add((old, before.NewId));
                    }
                    continue;
                }
                if (await db.ReadAsync(session => FindSameAsync(session, source, old, merges), ct) is { } same && given.Add(same))
                {
                    report.UsersKnown++;
                    report.Note("joined", $"{old.Username}: taken as the account of this name that is here");
                    authors[old.Id] = new OldAuthor(same, old.Username);
                    joined.Add((old, same));
                    continue;
                }
                var name = await ChooseNameAsync(old, used, ct);
                used.Add(NameSkeleton.Key(name));
                var user = Convert(old, name, report);
                fresh.Add((old, user));
                report.UsersNew++;
                authors[old.Id] = new OldAuthor(-old.Id, name);
            }
            if (!report.DryRun && fresh.Count + joined.Count + unmarked.Count > 0)
            {
                foreach (var (old, id) in await db.WriteAsync(session => StoreAsync(session, source, fresh, [.. joined, .. unmarked]), ct))
                {
                    authors[old] = authors[old] with { Id = id };
                }
            }
        }
        return authors;
    }

    /// <summary>What somebody was taken as before; null when nobody was, or somebody else who had the id.</summary>
    private static KnownUser? FindBefore(Dictionary<long, KnownUser> known, OldUser old) =>
        known.TryGetValue(old.Id, out var before) && SiteMark.Compare(before, old) != Likeness.Other ? before : null;

    /// <summary>The account here that is the same person's; null when there is none.</summary>
    private static async Task<long?> FindSameAsync(DbSession session, string source, OldUser old, bool merges)
    {
        var here = UsernameRule.Normalize(old.Username) is { Length: > 0 } name ? await AccountQueries.FindByKeyAsync(session, NameSkeleton.Key(name)) : null;
        if (here is null)
        {
            return null;
        }
        // One operator's sites have the same people. Whoever made an account here may be somebody else, and must not get another's chats.
        var origin = await ImportStore.FindSourceAsync(session, ImportStore.User, here.Id);
        return (origin is null && merges) || (origin is not null && origin != source) ? here.Id : null;
    }

    private async Task<List<(long Old, long Id)>> StoreAsync(DbSession session, string source, List<(OldUser Old, User New)> fresh, List<(OldUser Old, long Id)> joined)
    {
        List<(long, long)> stored = [];
        foreach (var (old, user) in fresh)
        {
            var id = await users.ImportAsync(session, user) ?? throw new RefusedException(Refusal.NameTaken);
            await ImportStore.SaveAsync(session, source, ImportStore.User, Key(old), id, mark: old.Mark);
            stored.Add((old.Id, id));
        }
        foreach (var (old, id) in joined)
        {
            await ImportStore.SaveAsync(session, source, ImportStore.User, Key(old), id, mark: old.Mark);
        }
        return stored;
    }

    private User Convert(OldUser old, string name, ImportReport report)
    {
        if (name != old.Username)
        {
            report.Note("renamed", $"{old.Username}: imported as {name}, because the name is taken or not allowed here");
        }
        var isUsable = ImportedPasswords.IsKnown(old.Password);
        if (!isUsable)
        {
            report.Note("password", old.Password.StartsWith('!') || old.Password.Length == 0
                ? $"{name}: has no password there, and none here"
                : $"{name}: the password's hash is of a kind not known here; set a new one with: teahouse user password {name}");
        }
        var email = EmailAddress.Parse(old.Email);
        if (email is null && old.Email.Trim().Length > 0)
        {
            report.Note("email", $"{name}: the e-mail address there is none that mail reaches; left out");
        }
        if (old.IsStaff)
        {
            report.Note("administrator", $"{name}: staff there, administrator here");
        }
        if (!old.IsActive)
        {
            report.Note("disabled", $"{name}: not active there, disabled here");
        }
        var now = clock.GetUtcNow();
        if (old.JoinedAt is null || old.JoinedAt > now)
        {
            report.Note("joined_at", old.JoinedAt is null ? $"{name}: the date of joining there is none that can be read; taken as 1970-01-01" : $"{name}: the date of joining there lies in the future; taken as now");
        }
        return new User
        {
            Username = name,
            DisplayName = name,
            PasswordHash = isUsable ? old.Password : null,
            IsAdmin = old.IsStaff,
            Email = email,
            CreatedAt = old.JoinedAt is { } joined ? joined < now ? joined : now : DateTimeOffset.UnixEpoch,
            DisabledAt = old.IsActive ? null : now,
        };
    }

    /// <summary>The name as it was, if it can be; otherwise with other signs, or a number behind it.</summary>
    private async Task<string> ChooseNameAsync(OldUser old, HashSet<string> used, CancellationToken ct)
    {
        var name = Clean(old);
        var first = UsernameRule.Normalize(old.Username) is { Length: > 0 } ? Cut(name) : "user";
        for (var number = 2; ; number++)
        {
            var key = NameSkeleton.Key(name);
            if (!used.Contains(key) && !UsernameRule.IsTheProgramsOwn(name) && await accounts.FindByKeyAsync(key, ct) is null)
            {
                return name;
            }
            name = string.Create(CultureInfo.InvariantCulture, $"{first}-{number}");
        }
    }

    /// <summary>The name as far as it is allowed here.</summary>
    internal static string Clean(OldUser old)
    {
        var clean = new StringBuilder();
        var length = 0;
        foreach (var rune in (UsernameRule.Normalize(old.Username) ?? "").EnumerateRunes())
        {
            if (++length > UsernameRule.MaxLength)
            {
                break;
            }
            clean.Append(UsernameRule.IsAllowed(rune) ? rune.ToString() : "_");
        }
        return clean.Length == 0 ? string.Create(CultureInfo.InvariantCulture, $"user-{old.Id}") : clean.ToString();
    }

    private static string Cut(string name) => name.Length <= UsernameRule.MaxLength - RoomForNumber ? name
        : string.Concat(name.EnumerateRunes().Take(UsernameRule.MaxLength - RoomForNumber).Select(rune => rune.ToString()));

    private static string Key(OldUser old) => old.Id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Who somebody of an older system is here.</summary>
/// <param name="Id">The account's id; negative in a dry run for one that would be new; null when it was deleted.</param>
/// <param name="Name">The name that stands beside their messages.</param>
internal sealed record OldAuthor(long? Id, string Name);
