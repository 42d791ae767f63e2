using System.Globalization;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>Says which of the sites that were taken before a file is of: that whose accounts it has, and whose rooms hold what was taken last. The file itself tells nothing that would stay with it: the
/// times of its migrations are new in every database that <c>loaddata</c> filled, and alike in sites that were set up together.</summary>
internal sealed class FindSite(Db db)
{
    /// <summary>Returns the site's key in <see cref="ImportStore"/>; a new one when it is none of those.</summary>
    public Task<string> ExecuteAsync(DjangoFile file, IReadOnlyList<OldUser> users, CancellationToken ct)
    {
        var byId = users.ToDictionary(user => user.Id);
        return db.ReadAsync(async session =>
        {
            var sources = await ImportStore.ListSourcesAsync(session);
            (string Source, int Score)? best = null;
            foreach (var source in sources)
            {
                if (await ScoreAsync(session, file, byId, source) is { } score && (best is null || score > best.Value.Score))
                {
                    best = (source, score);
                }
            }
            return best?.Source ?? NewKey(SiteMark.Hash(string.Join('\n', users.Take(100).Select(user => $"{user.Id} {user.Mark}").Concat(file.ListFirstMarks()))), sources);
        }, ct);
    }

    /// <summary>How much speaks for it; null when it is another site.</summary>
    private static async Task<int?> ScoreAsync(DbSession session, DjangoFile file, Dictionary<long, OldUser> users, string source)
    {
        var people = (await ImportStore.ListUsersAsync(session, source)).Where(known => users.ContainsKey(known.OldId)).Select(known => SiteMark.Compare(known, users[known.OldId])).ToList();
        // A message that is gone there says nothing.
        var rooms = (await ImportStore.ListMarkedAsync(session, source))
            .Select(room => file.FindMark(room.Kind, room.OldKey, room.LastId) is { } now ? SiteMark.Compare(room.Mark, now) : Likeness.Perhaps).ToList();
        var (same, other) = (people.Count(each => each == Likeness.Same), people.Count(each => each == Likeness.Other));
        var (alike, unlike) = (rooms.Count(each => each == Likeness.Same), rooms.Count(each => each == Likeness.Other));
        // A few rooms don't outweigh many accounts: some sites set a message's time anew when it is edited. Accounts alone don't do either: sites that were set up together have some in common.
        if (other > same || (unlike > alike && other + unlike >= same + alike))
        {
            return null;
        }
        // Taken before there were marks: by the one thing that was known then.
        return same + alike > 0 ? same + alike : source == file.OldSource ? 0 : null;
    }

    private static string NewKey(string key, List<string> taken)
    {
        var unused = key;
        for (var number = 2; taken.Contains(unused); number++)
        {
            unused = string.Create(CultureInfo.InvariantCulture, $"{key}-{number}");
        }
        return unused;
    }
}
