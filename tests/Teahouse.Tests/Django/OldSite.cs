using System.Diagnostics;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Django;

/// <summary>The database of an older site, made by the real Django of Debian (<c>site/build.py</c>).</summary>
public static class OldSite
{
    /// <param name="path">The file.</param>
    /// <param name="systems">Of <c>A</c>, <c>B</c> and <c>E</c>.</param>
    /// <param name="more"><c>2</c>: what was said later; <c>naive</c>: a site without <c>USE_TZ</c>.</param>
    public static async Task BuildAsync(string path, string systems, params string[] more)
    {
        // Debian's own Python: another one on the path knows nothing of Debian's packages.
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-B", Repository.PathOf("tests/Teahouse.Tests/Django/site/build.py"), path, systems, .. more])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("There is no Python.");
        var output = await python.StandardOutput.ReadToEndAsync() + await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, output);
    }
}
