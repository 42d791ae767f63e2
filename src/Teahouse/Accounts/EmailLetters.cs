using Microsoft.Extensions.Localization;
using Teahouse.Mail;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>A letter about an account's address.</summary>
/// <param name="UserId">Whose account.</param>
/// <param name="Email">To which address.</param>
/// <param name="Site">Where it was asked for.</param>
internal sealed record EmailOrder(long UserId, string Email, string Site);

/// <summary>To a new address: the link that proves it.</summary>
internal sealed class ConfirmEmailLetter(Db db, AccountQueries accounts, AccountLinkStore links, IStringLocalizer<AccountsText> text, Settings settings) : IMailWriter
{
    public const string MailKind = "email-confirm";

    public string Kind => MailKind;

    public async Task<Letter?> WriteAsync(MailOrder order, CancellationToken ct)
    {
        var (userId, email, site) = order.Read<EmailOrder>();
        if (await accounts.FindAsync(userId, ct) is not { DisabledAt: null } user
            || await db.WriteAsync(session => links.MakeAsync(session, userId, AccountLinkStore.Email, email, order.Id), ct) is not { } token)
        {
            return null;
        }
        var link = $"{site}/settings/email/?token={token}";
        return Spoken.In(user.Language ?? settings.Language, () => new Letter(email, text["Mail.Email.Subject"],
            text["Mail.Email.Body", site, user.Username, link, (int)AccountLinkStore.Lifetime.TotalMinutes].Value + "\n"));
    }
}

/// <summary>To an address that was an account's until now.</summary>
internal sealed class EmailChangedLetter(AccountQueries accounts, IStringLocalizer<AccountsText> text, Settings settings) : IMailWriter
{
    public const string MailKind = "email-changed";

    public string Kind => MailKind;

    public async Task<Letter?> WriteAsync(MailOrder order, CancellationToken ct)
    {
        var (userId, email, site) = order.Read<EmailOrder>();
        return await accounts.FindAsync(userId, ct) is { } user
            ? Spoken.In(user.Language ?? settings.Language, () => new Letter(email, text["Mail.EmailChanged.Subject"], text["Mail.EmailChanged.Body", site, user.Username].Value + "\n"))
            : null;
    }
}
