using System.CommandLine;
using Microsoft.AspNetCore.Identity;
using Teahouse.Accounts;

namespace Teahouse.Cli;

/// <summary><c>teahouse token …</c>: API tokens from the shell. Each act goes to the audit log as done by <c>shell</c>.</summary>
internal static class TokenVerbs
{

    public static Command Create(IVerbRunner runner) => new("token", "API tokens for programs")
    {
        Add(runner),
    };

    private static Verb Add(IVerbRunner runner)
    {
        var user = new Argument<string>("USER") { Description = "Whose token: it may do what this account may" };
        var name = new Option<string>("--name") { Description = "What to call it in the list of tokens", Required = true };
        var scope = new Option<string>("--scope") { Description = "How far it reaches, each with those before it", DefaultValueFactory = _ => TokenScope.Write.ToText() };
        scope.AcceptOnlyFromAmong([.. Enum.GetValues<TokenScope>().Select(each => each.ToText())]);
        var json = VerbText.JsonOption();
        var command = new Verb("add", "Make a token and print it, this once", "teahouse token add alice --name reports --scope read") { user, name, scope, json };
        command.SetAction((parsed, ct) => runner.RunAsync(parsed, takesPassword: false, async (context, cancel) =>
        {
            var users = context.Services.GetRequiredService<UserManager<User>>();
            var owner = await users.FindByNameAsync(parsed.GetValue(user) ?? "") ?? throw new RefusedException(Refusal.NoSuchUser);
            var input = new MakeTokenInput(parsed.GetValue(name), parsed.GetValue(scope), BotName: null, ExpiresAt: null);
            var token = await context.Services.GetRequiredService<MakeToken>().ExecuteAsync(owner.Id, owner.Username, input, Caller.Shell, cancel);
            await (parsed.GetValue(json)
                ? VerbText.WriteJsonAsync(context.Output, new { user = owner.Username, name = input.Name, scope = input.Scope, token = token.Text })
                : context.Output.WriteLineAsync(token.Text));
        }, ct));
        return command;
    }
}
