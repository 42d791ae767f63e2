namespace Teahouse.Tests.Support;

/// <summary>The sources beside the built tests.</summary>
public static class Repository
{
    private static readonly string[] Foreign = ["artifacts", "node_modules", ".git", "assets", "obj", "bin"];

    /// <summary>The folder of <c>Teahouse.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Our own files under a folder with one of these endings, by their path from the root with <c>/</c>.</summary>
    public static IReadOnlyList<string> List(string folder, params string[] endings) =>
        [.. Walk(new DirectoryInfo(PathOf(folder)))
            .Where(file => endings.Any(ending => file.Name.EndsWith(ending, StringComparison.Ordinal)))
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder) =>
        folder.EnumerateFiles().Concat(folder.EnumerateDirectories().Where(inner => !Foreign.Contains(inner.Name)).SelectMany(Walk));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Teahouse.slnx")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("The tests do not stand in the repository.");
    }
}
