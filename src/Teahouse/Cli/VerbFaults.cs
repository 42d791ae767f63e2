using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;
using Npgsql;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>What a person can do something about, in one line: a setting and what it may be, a file, a port. Everything else is a fault of the program, which is shown with all it has.</summary>
internal static class VerbFaults
{
    /// <summary>The line; null for a fault of the program.</summary>
    public static string? Describe(Exception error) => error switch
    {
        SettingException or DatabaseInUseException or DatabaseUnreachableException or SchemaException or VerbException => error.Message,
        DatabaseUnusableException e => Of(e),
        // As the host has it: what began before does not end well either.
        AggregateException { InnerExceptions: [var first, ..] } => Describe(first),
        InvalidDataException { InnerException: FormatException inner } e => OneLine($"{e.Message} {inner.InnerException?.Message ?? inner.Message}"),
        AddressInUseException or IOException { InnerException: AddressInUseException } => OneLine($"URLS: {error.Message} Stop the other program, or give this one another port."),
        SocketException e => OneLine($"URLS: can't be listened on: {e.Message}"),
        RefusedException { Refusal.Code: "busy" } => "DATABASE_URL: the database takes nothing now; the log says why. Try again.",
        SqliteException e => SqliteErrors.Describe(e),
        NpgsqlException e => OneLine($"DATABASE_URL: {e.Message}"),
        IOException or UnauthorizedAccessException or CryptographicException => OneLine(error.Message),
        _ => null,
    };

    /// <summary>The setting it comes from: whoever named no file named a directory.</summary>
    private static string Of(DatabaseUnusableException error)
    {
        var settings = Server.ReadSettings();
        return error.Path != settings.DatabasePath ? error.Message
            : error.Path == Path.Combine(settings.DataDirectory, Settings.DatabaseFile) ? $"DATA_DIR={settings.DataDirectory}: a directory that this user may write to, with the database in it: {error.Reason}"
            : $"DATABASE_URL=sqlite:{error.Path}: a database of SQLite that this user may write to, or a file that is not there yet: {error.Reason}";
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
