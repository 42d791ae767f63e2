using System.Collections.Frozen;

namespace Teahouse.Accounts;

/// <summary>The most used passwords that would be long enough (<c>Data/common-passwords.txt</c>), in lower case. Thread-safe.</summary>
internal static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> All = new(() =>
        EmbeddedData.Lines("common-passwords.txt").ToFrozenSet(StringComparer.OrdinalIgnoreCase));

    public static bool Contains(string password) => All.Value.Contains(password.Trim());
}

/// <summary>Tables that come inside the program, one entry a line; <c>#</c> begins a comment.</summary>
internal static class EmbeddedData
{
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(EmbeddedData).Assembly.GetManifestResourceStream($"accounts/{name}")
            ?? throw new InvalidOperationException($"The program was built without {name}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
