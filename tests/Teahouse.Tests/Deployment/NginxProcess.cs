using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

/// <summary>nginx with <c>deploy/nginx.conf</c>, in which nothing but addresses and paths is replaced.</summary>
public sealed class NginxProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Companion _process;
    private readonly Uri _health;

    private NginxProcess(DirectoryInfo folder, Companion process, Uri address, Uri health) => (_folder, _process, Address, _health) = (folder, process, address, health);

    /// <summary>Where the site is.</summary>
    public Uri Address { get; }

    /// <summary>What it logs.</summary>
    public string Output => _process.Output;

    /// <param name="nodes">For each name in the file (<c>web-1:8000</c>) an address.</param>
    public static async Task<NginxProcess> StartAsync(IReadOnlyDictionary<string, string> nodes)
    {
        var folder = Directory.CreateTempSubdirectory("teahouse-nginx-");
        var (port, healthPort) = (Ports.Free(), Ports.Free());
        var nginx = new NginxProcess(folder, Companion.Start(["nginx", "-c", Write(folder, nodes, port, healthPort), "-g", "daemon off;"]),
            new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")), new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{healthPort}")));
        await Eventually.TrueAsync(nginx.LivesAsync, () => "nginx does not answer: " + nginx.Output);
        return nginx;
    }

    /// <summary>What <c>nginx -t</c> says of the file, with the part for HTTPS if wanted.</summary>
    public static async Task<(int ExitCode, string Output)> CheckAsync(bool withTls, Func<string, string>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("teahouse-nginx-");
        try
        {
            var file = Write(folder, new Dictionary<string, string> { ["web-1:8000"] = "127.0.0.1:1", ["web-2:8000"] = "127.0.0.1:2" }, Ports.Free(), Ports.Free());
            if (withTls)
            {
                AddTls(folder);
            }
            await File.WriteAllTextAsync(file, (change ?? (text => text))(await File.ReadAllTextAsync(file)));
            using var process = Process.Start(new ProcessStartInfo("nginx", ["-t", "-c", file]) { RedirectStandardError = true })!;
            var output = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public async Task<bool> LivesAsync()
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler);
        try
        {
            return await client.GetStringAsync(_health) == "ok\n";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Write(DirectoryInfo folder, IReadOnlyDictionary<string, string> nodes, int port, int healthPort)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Its workers have another user's rights when it is started by root.
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
        var text = Repository.Read("deploy/nginx.conf");
        (string From, string To)[] replacements =
        [
            ("/tmp/", folder.FullName + "/"), ("/etc/nginx/", folder.FullName + "/"),
            ("listen 8080 ", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{port} ")),
            ("listen 127.0.0.1:8081;", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{healthPort};")),
            .. nodes.Select(node => (node.Key, node.Value)),
        ];
        foreach (var (from, to) in replacements)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }
        var file = Path.Combine(folder.FullName, "nginx.conf");
        File.WriteAllText(file, text);
        return file;
    }

    private static void AddTls(DirectoryInfo folder)
    {
        var tls = folder.CreateSubdirectory("tls").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        File.WriteAllText(Path.Combine(tls, "fullchain.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(tls, "privkey.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder.CreateSubdirectory("server.d").FullName, "tls.conf"), Repository.Read("deploy/nginx-tls.conf")
            .Replace("/etc/nginx/", folder.FullName + "/", StringComparison.Ordinal)
            .Replace("listen 8443 ", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{Ports.Free()} "), StringComparison.Ordinal));
    }
}
