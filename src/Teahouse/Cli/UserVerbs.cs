using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary><c>teahouse user …</c>: accounts from the shell. Each act goes to the audit log as done by <c>shell</c>.</summary>
internal static class UserVerbs
{
    private const string Actor = "shell";
    private const string AboutPasswords =
        " Asks for the password twice without showing it. Without a terminal, give it as one line with " + Terminal.PasswordStdin + "; otherwise one is made up and printed, this once.";

    // Without letters and digits that are mixed up when read aloud: 20 of them are 100 random bits.
    private const string Alphabet = "abcdefghijkmnopqrstuvwxyz23456789";
    private const int MadeUpLength = 20;
    private const int PageSize = 500;

    public static Command Create(IVerbRunner runner) => new("user", "Accounts: add, list, change a password, invite")
    {
        Add(runner),
        Password(runner),
        List(runner),
        Invite(runner),
    };

    private static Verb Add(IVerbRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "User name: letters, digits and @ . + - _" };
        var admin = new Option<bool>("--admin") { Description = "Make an administrator" };
        var email = new Option<string>("--email") { Description = "Where mail reaches them" };
        var json = VerbText.JsonOption();
        var command = new Verb("add", "Make an account." + AboutPasswords, "teahouse user add alice --admin", "teahouse user add bob --email bob@example.org --password-stdin < password.txt")
        {
            name, admin, email, PasswordStdin(), json,
        };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: true, async (context, _) =>
        {
            var password = context.Password ?? MakeUpPassword();
            var user = NewPassword.MakeUser(parsed.GetValue(name), new Admission.ByAdministrator(Actor), parsed.GetValue(admin));
            if (parsed.GetValue(email) is { } typed)
            {
                user.Email = EmailAddress.Parse(typed) ?? throw new VerbException($"--email: \"{typed}\" is not an e-mail address.");
            }
            Check(await NewPassword.StoreAsync(context.Services.GetRequiredService<UserManager<User>>(), user, password), context);
            await TellAsync(context, user, $"{(user.IsAdmin ? "Administrator" : "User")} {user.Username} was made.", password, parsed.GetValue(json));
        }, ct));
        return command;
    }

    private static Verb Password(IVerbRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "User name" };
        var json = VerbText.JsonOption();
        var command = new Verb("password", "Give an account a new password and end its sessions." + AboutPasswords, "teahouse user password alice") { name, PasswordStdin(), json };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: true, async (context, _) =>
        {
            var users = context.Services.GetRequiredService<UserManager<User>>();
            var user = await users.FindByNameAsync(parsed.GetValue(name) ?? "") ?? throw new RefusedException(Refusal.NoSuchUser);
            var password = context.Password ?? MakeUpPassword();
            user.PasswordChange = new PasswordChange(KeptSessionId: null, Actor);
            Check(await NewPassword.ReplaceAsync(users, user, password), context);
            await TellAsync(context, user, $"{user.Username} has a new password and is signed out everywhere.", password, parsed.GetValue(json));
        }, ct));
        return command;
    }

    private static Verb List(IVerbRunner runner)
    {
        var json = VerbText.JsonOption();
        var command = new Verb("list", "List the accounts: name, role, day it was made; separated by tabs, or a JSON object a line", "teahouse user list", "teahouse user list --json | jq -r 'select(.role == \"admin\").username'") { json };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, async (context, cancel) =>
        {
            var queries = context.Services.GetRequiredService<AccountQueries>();
            for (var page = await queries.ListUsersAsync(after: 0, PageSize, cancel); page.Count > 0; page = await queries.ListUsersAsync(page[^1].Id, PageSize, cancel))
            {
                foreach (var user in page)
                {
                    var role = user.DisabledAt is not null ? "disabled" : user.IsAdmin ? "admin" : "user";
                    await (parsed.GetValue(json)
                        ? VerbText.WriteJsonAsync(context.Output, new { user.Username, user.DisplayName, role, user.CreatedAt })
                        : context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{user.Username}\t{role}\t{user.CreatedAt:yyyy-MM-dd}")));
                }
            }
        }, ct));
        return command;
    }

    private static Verb Invite(IVerbRunner runner)
    {
        var json = VerbText.JsonOption();
        var command = new Verb("invite", "Print a link by which one person may make an account within 7 days", "teahouse user invite") { json };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, async (context, cancel) =>
        {
            var settings = context.Services.GetRequiredService<Settings>();
            if (settings.Signup == SignupMode.Closed)
            {
                throw new VerbException("SIGNUP=closed: invite links are not accepted. Set SIGNUP=invite, or use: teahouse user add NAME");
            }
            var token = await context.Services.GetRequiredService<InviteStore>().CreateAsync(Caller.Shell, cancel);
            var url = $"{context.Services.GetRequiredService<SiteAddress>().Of(request: null)}/signup/?invite={token}";
            await (parsed.GetValue(json) ? VerbText.WriteJsonAsync(context.Output, new { url }) : context.Output.WriteLineAsync(url));
        }, ct));
        return command;
    }

    private static Option<bool> PasswordStdin() => new(Terminal.PasswordStdin) { Description = "Read the password from standard input, one line" };

    private static string MakeUpPassword() => RandomNumberGenerator.GetString(Alphabet, MadeUpLength);

    /// <summary>What was done; and the password, if nobody but the program knows it.</summary>
    private static async Task TellAsync(VerbContext context, User user, string done, string password, bool isJson)
    {
        var madeUp = context.Password is null ? password : null;
        if (isJson)
        {
            await VerbText.WriteJsonAsync(context.Output, new { user.Username, role = user.IsAdmin ? "admin" : "user", password = madeUp });
            return;
        }
        await context.Output.WriteLineAsync(done);
        if (madeUp is not null)
        {
            await context.Output.WriteLineAsync("Password: " + madeUp);
        }
    }

    private static void Check(IdentityResult result, VerbContext context)
    {
        if (!result.Succeeded)
        {
            throw VerbErrors.From(result, context.Services);
        }
    }
}
