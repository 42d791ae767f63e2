using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Identity;
using Teahouse.Mail;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Where mail reaches a user. Where the site sends mail, a new address counts once its owner has opened the link that was sent there; the old one is told.</summary>
internal sealed class ChangeEmail(Db db, UserManager<User> users, LoginThrottle throttle, AccountLinkStore links, MailOutbox outbox, Settings settings)
{
    /// <summary>How a change goes on.</summary>
    public enum Outcome
    {
        WrongPassword,
        Unchanged,
        Changed,
        LinkSent,
    }

    /// <param name="caller">The signed-in user.</param>
    /// <param name="password">Theirs: who finds a browser open must not take the account over by mail.</param>
    /// <param name="email">As <see cref="EmailAddress.Parse"/> gives it; null: none any more.</param>
    /// <param name="site">Where the link leads.</param>
    /// <param name="address">From where it is asked.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/>, <see cref="Refusal.NoSuchUser"/>.</exception>
    public async Task<Outcome> ExecuteAsync(Caller caller, string password, string? email, string site, IPAddress? address, CancellationToken ct)
    {
        throttle.CountLogin(NameSkeleton.Key(caller.Username), address);
        var user = await FindAsync(caller.UserId);
        if (!await users.CheckPasswordAsync(user, password))
        {
            return Outcome.WrongPassword;
        }
        if (email == user.Email)
        {
            return Outcome.Unchanged;
        }
        if (email is not null && settings.Mail.IsOn)
        {
            await outbox.AddAsync(ConfirmEmailLetter.MailKind, new EmailOrder(user.Id, email, site), AccountLinkStore.Lifetime, ct);
            return Outcome.LinkSent;
        }
        await db.WriteAsync(session => StoreAsync(session, user, email, site), ct);
        return Outcome.Changed;
    }

    /// <summary>By the link that was sent to the new address. Returns it; null when the link does not work.</summary>
    public async Task<string?> ConfirmAsync(string token, string site, CancellationToken ct)
    {
        if (await links.FindAsync(token, AccountLinkStore.Email, ct) is not { Value: { } email } link)
        {
            return null;
        }
        var user = await FindAsync(link.UserId);
        return await db.WriteAsync(async session =>
        {
            if (!await links.UseAsync(session, token, AccountLinkStore.Email))
            {
                return null;
            }
            await StoreAsync(session, user, email, site);
            return email;
        }, ct);
    }

    private async Task StoreAsync(DbSession session, User user, string? email, string site)
    {
        await UserStore.SetEmailAsync(session, user.Id, email);
        // Links that lie in the old mailbox are no longer their owner's.
        await AccountLinkStore.EndAllAsync(session, user.Id);
        if (user.Email is { } old)
        {
            await outbox.AddAsync(session, EmailChangedLetter.MailKind, new EmailOrder(user.Id, old, site));
        }
    }

    private async Task<User> FindAsync(long? id) =>
        id is { } known && await users.FindByIdAsync(known.ToString(CultureInfo.InvariantCulture)) is { } user ? user : throw new RefusedException(Refusal.NoSuchUser);
}
