using System.Security.Cryptography;

namespace Teahouse.Storage;

/// <summary>A database's history and its name.</summary>
internal static partial class Migrator
{
    private const string RenameHistory = "UPDATE meta SET value = @epoch WHERE name = 'epoch'";

    /// <summary>Gives the history another name, after the database was brought back as it was at an earlier moment. Ids go on far beyond those that were given out since then: a sheet, a receiver of
    /// webhooks or a program that remembers the last id it saw must not take a new message for one of those.</summary>
    /// <param name="session">Of a writing transaction.</param>
    /// <param name="skipIds">The database's own statement for that.</param>
    public static async Task<string> BeginHistoryAsync(DbSession session, string skipIds)
    {
        var epoch = NewEpoch();
        await session.ExecuteAsync(RenameHistory, new { epoch });
        await session.ExecuteAsync(skipIds);
        return epoch;
    }

    private static string NewEpoch() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
