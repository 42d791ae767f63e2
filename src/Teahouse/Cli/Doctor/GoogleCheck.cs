using Teahouse.Sinks;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Web;

namespace Teahouse.Cli.Doctor;

/// <summary>The key file of the settings' sheet is there and readable, and Google gives a token for it. Sheets of single rooms have keys of their own, and a test on their page.</summary>
internal static class GoogleCheck
{
    private const string Name = "google";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task<Finding> RunAsync(GoogleSettings settings, ServiceAccounts accounts, SinkWords words, CancellationToken ct)
    {
        if (settings.SheetId is null)
        {
            return Finding.Off(Name, "GOOGLE_SHEET_ID is not set");
        }
        try
        {
            var account = await accounts.FindAsync(new SheetConfig { Spreadsheet = settings.SheetId, Tab = settings.SheetName }, ct);
            await ServiceAccounts.GetTokenAsync(account, ct).WaitAsync(Patience, ct);
            return Finding.Ok(Name, $"{settings.CredentialsPath}: {account.Email} gets tokens; the spreadsheet must be shared with it");
        }
        catch (GoogleException e)
        {
            return Finding.Fail(Name, "GOOGLE_CREDS_PATH: " + WithoutMarks(words.Say(e.Reason)));
        }
        catch (TimeoutException)
        {
            return Finding.Fail(Name, "the token endpoint does not answer");
        }
    }

    /// <summary>A page keeps names of other scripts apart from its own text by these.</summary>
    private static string WithoutMarks(string text) => text.Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal);
}
