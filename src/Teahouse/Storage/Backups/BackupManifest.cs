using System.Reflection;
using System.Text.Json;

namespace Teahouse.Storage.Backups;

/// <summary>What a backup holds: its first member, <c>manifest.json</c>.</summary>
public sealed record BackupManifest
{
    /// <summary>The layout of archives that this version writes, and the newest it reads.</summary>
    public const int CurrentFormat = 1;

    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public required int Format { get; init; }

    /// <summary>The version of the program that made it.</summary>
    public required string Program { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last migration of the database in it.</summary>
    public required string Schema { get; init; }

    /// <summary>The name of the history it is a prefix of.</summary>
    public required string Epoch { get; init; }

    public required long Users { get; init; }
    public required long Rooms { get; init; }
    public required long Messages { get; init; }

    /// <summary>Every other member.</summary>
    public required IReadOnlyList<BackupMember> Files { get; init; }

    internal static string ThisProgram { get; } =
        typeof(BackupManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}

/// <summary>A file in a backup.</summary>
/// <param name="Name">Its path, with <c>/</c>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal digits.</param>
public sealed record BackupMember(string Name, long Bytes, string Sha256);

/// <summary>A backup could not be made or brought back; the message is one line for the person at the shell.</summary>
public sealed class BackupException(string message) : Exception(message);
