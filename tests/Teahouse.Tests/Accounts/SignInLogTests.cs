using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

/// <summary>What the log says of sign-ins: enough to see that a password is being guessed, and no addresses, which belong to people.</summary>
[Trait("Speed", "Slow")]
public sealed class SignInLogTests
{
    [Fact]
    public async Task Sign_ins_are_logged_without_addresses_names_or_passwords()
    {
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await ProgramProcess.RunAsync(["user", "add", "alice", "--password-stdin"], TestAccounts.Password + "\n", ("DATA_DIR", data));
        await using (var program = await ProgramProcess.ServeAsync(data, ("LIMIT_LOGINS_PER_MINUTE", "3")))
        {
            using var client = new HttpClient { BaseAddress = program.Address };

            await client.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password));
            await client.PostFormAsync("/login/", ("username", "alice"), ("password", "wrong-secret"));
            await client.PostFormAsync("/login/", ("username", "nobody-here"), ("password", "wrong-secret"));
            for (var i = 0; i < 10; i++)
            {
                await client.PostFormAsync("/login/", ("username", "alice"), ("password", "wrong-secret"));
            }
            program.Terminate();
            await program.WaitForExitAsync();
            var lines = program.Output.Split('\n').Where(line => line.Contains("SignIn", StringComparison.Ordinal)).ToList();

            Assert.Single(lines, line => line.EndsWith("User 1 gave the right password", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.EndsWith("A sign-in failed, to user 1", StringComparison.Ordinal));
            Assert.Single(lines, line => line.EndsWith("A sign-in failed, to user (null)", StringComparison.Ordinal));
            // Whoever hammers writes no line each time.
            Assert.InRange(lines.Count(line => line.EndsWith("Somebody tries to sign in too often", StringComparison.Ordinal)), 1, 5);
            Assert.DoesNotContain(lines, line => line.Contains("127.0.0.1", StringComparison.Ordinal) || line.Contains("nobody-here", StringComparison.Ordinal) || line.Contains("secret", StringComparison.Ordinal));
        }
        Directory.Delete(data, recursive: true);
    }
}
