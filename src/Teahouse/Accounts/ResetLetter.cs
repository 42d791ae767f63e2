using System.Text;
using Microsoft.Extensions.Localization;
using Teahouse.Mail;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>What was typed at <c>/forgot/</c>.</summary>
/// <param name="Typed">A user name or an address.</param>
/// <param name="Site">Where it was typed.</param>
internal sealed record ResetOrder(string Typed, string Site);

/// <summary>Answers who forgot a password, by mail alone: whether there is such an account is found out here, away from the page, so that the page cannot tell.</summary>
internal sealed class ResetLetter(AccountQueries accounts, MakeResetLink makeLink, IStringLocalizer<AccountsText> text, Settings settings) : IMailWriter
{
    public const string MailKind = "reset";

    public string Kind => MailKind;

    public async Task<Letter?> WriteAsync(MailOrder order, CancellationToken ct)
    {
        var (typed, site) = order.Read<ResetOrder>();
        var users = (await FindAsync(typed, ct)).Where(user => user is { DisabledAt: null, Email: not null }).ToList();
        List<(User User, string Link)> links = [];
        foreach (var user in users)
        {
            if (await makeLink.ForMailAsync(order.Id, user.Id, ct) is { } path)
            {
                links.Add((user, site + path));
            }
        }
        // Accounts that share an address are one letter to it.
        return links.Count == 0 ? null : Spoken.In(links[0].User.Language ?? settings.Language, () => Word(links, site));
    }

    private async Task<IReadOnlyList<User>> FindAsync(string typed, CancellationToken ct)
    {
        // An address may be a user name, too, as older sites had it.
        if (UsernameRule.Normalize(typed) is { Length: > 0 } name && await accounts.FindByKeyAsync(NameSkeleton.Key(name), ct) is { } user)
        {
            return [user];
        }
        return EmailAddress.Parse(typed) is { } email ? await accounts.ListByEmailAsync(email, ct) : [];
    }

    private Letter Word(List<(User User, string Link)> links, string site)
    {
        var body = new StringBuilder();
        body.Append(text["Mail.Reset.Opening", site].Value).Append("\n\n");
        foreach (var (user, link) in links)
        {
            body.Append(text["Mail.Reset.Account", user.Username].Value).Append('\n').Append(link).Append("\n\n");
        }
        body.Append(text["Mail.Reset.Closing", (int)AccountLinkStore.Lifetime.TotalMinutes].Value).Append('\n');
        return new Letter(links[0].User.Email ?? "", text["Mail.Reset.Subject"], body.ToString());
    }
}
