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

    private static Command Add(IVerbRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "User name: letters, digits and @ . + - _" };
        var admin = new Option<bool>("--admin") { Description = "Make an administrator" };
        var email = new Option<string>("--email") { Description = "Where mail reaches them" };
        var command = new Command("add", "Make an account." + AboutPasswords) { name, admin, email, PasswordStdin() };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: true, async (context, _) =>
        {
            var password = context.Password ?? MakeUpPassword();
            var user = NewPassword.MakeUser(parsed.GetValue(name), new Admission.ByAdministrator(Actor), parsed.GetValue(admin));
            if (parsed.GetValue(email) is { } typed)
            {
                user.Email = EmailAddress.Parse(typed) ?? throw new VerbException($"--email: \"{typed}\" is not an e-mail address.");
            }
            Check(await NewPassword.StoreAsync(context.Services.GetRequiredService<UserManager<User>>(), user, password), context);
            await context.Output.WriteLineAsync($"{(user.IsAdmin ? "Administrator" : "User")} {user.Username} was made.");
            await TellMadeUpAsync(context, password);
        }, ct));
        return command;
    }

    private static Command Password(IVerbRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "User name" };
        var command = new Command("password", "Give an account a new password and end its sessions." + AboutPasswords) { name, PasswordStdin() };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: true, async (context, _) =>
        {
            var users = context.Services.GetRequiredService<UserManager<User>>();
            var user = await users.FindByNameAsync(parsed.GetValue(name) ?? "") ?? throw new RefusedException(Refusal.NoSuchUser);
            var password = context.Password ?? MakeUpPassword();
            user.PasswordChange = new PasswordChange(KeptSessionId: null, Actor);
            Check(await NewPassword.ReplaceAsync(users, user, password), context);
            await context.Output.WriteLineAsync($"{user.Username} has a new password and is signed out everywhere.");
            await TellMadeUpAsync(context, password);
        }, ct));
        return command;
    }

    private static Command List(IVerbRunner runner)
    {
        var command = new Command("list", "List the accounts: name, role, day it was made; separated by tabs");
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, async (context, cancel) =>
        {
            var queries = context.Services.GetRequiredService<AccountQueries>();
            for (var page = await queries.ListUsersAsync(after: 0, PageSize, cancel); page.Count > 0; page = await queries.ListUsersAsync(page[^1].Id, PageSize, cancel))
            {
                foreach (var user in page)
                {
                    var role = user.DisabledAt is not null ? "disabled" : user.IsAdmin ? "admin" : "user";
                    await context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{user.Username}\t{role}\t{user.CreatedAt:yyyy-MM-dd}"));
                }
            }
        }, ct));
        return command;
    }

    private static Command Invite(IVerbRunner runner)
    {
        var command = new Command("invite", "Print a link by which one person may make an account within 7 days");
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, async (context, cancel) =>
        {
            var settings = context.Services.GetRequiredService<Settings>();
            if (settings.Signup == SignupMode.Closed)
            {
                throw new VerbException("SIGNUP=closed: invite links are not accepted. Set SIGNUP=invite, or use: teahouse user add NAME");
            }
            var token = await context.Services.GetRequiredService<InviteStore>().CreateAsync(Caller.Shell, cancel);
            await context.Output.WriteLineAsync($"{settings.Urls[0].TrimEnd('/')}/signup/?invite={token}");
        }, ct));
        return command;
    }

    private static Option<bool> PasswordStdin() => new(Terminal.PasswordStdin) { Description = "Read the password from standard input, one line" };

    private static string MakeUpPassword() => RandomNumberGenerator.GetString(Alphabet, MadeUpLength);

    private static Task TellMadeUpAsync(VerbContext context, string password) =>
        context.Password is null ? context.Output.WriteLineAsync("Password: " + password) : Task.CompletedTask;

    private static void Check(IdentityResult result, VerbContext context)
    {
        if (!result.Succeeded)
        {
            throw VerbErrors.From(result, context.Services);
        }
    }
}
