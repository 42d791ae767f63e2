using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary><c>rediss://</c>, and what <c>/readyz</c> says of Redis.</summary>
[Trait("Speed", "Slow")]
public sealed class RedisTlsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redis_is_spoken_to_by_TLS_when_its_certificate_is_trusted(bool isTrusted)
    {
        var folder = Directory.CreateTempSubdirectory("teahouse-test-");
        var (certificate, key) = (Path.Combine(folder.FullName, "redis.crt"), Path.Combine(folder.FullName, "redis.key"));
        WriteCertificate(certificate, key);
        var other = Path.Combine(folder.FullName, "other.crt");
        WriteCertificate(other, Path.Combine(folder.FullName, "other.key"));
        var database = await TestDatabase.CreateAsync();
        await using (var redis = await RedisServer.StartWithTlsAsync(certificate, key))
        await using (var program = await ProgramProcess.ServeAsync(folder.FullName, ("DATABASE_URL", database), ("REDIS_URL", redis.TlsUrl), ("SSL_CERT_FILE", isTrusted ? certificate : other)))
        {
            using var http = new HttpClient { BaseAddress = program.Address };

            if (isTrusted)
            {
                await Eventually.TrueAsync(async () => (await ReadAsync(http)).Contains("redis: Healthy", StringComparison.Ordinal), () => program.Output);
                var channel = Regex.Match(await redis.ExecuteAsync("PUBSUB CHANNELS"), @"teahouse:\S+:nodes").Value;
                Assert.NotEmpty(channel);
                // A node that says something once, and never again: Redis itself is well.
                await redis.ExecuteAsync($"PUBLISH {channel} \"gone\\nbeat\\n1\"");
                await Eventually.TrueAsync(async () => (await ReadAsync(http)).Contains("redis: NodeSilent", StringComparison.Ordinal), () => program.Output);
            }
            else
            {
                // It has tried, and says why it is not content.
                await Eventually.TrueAsync(() => program.Output.Contains("Redis cannot be reached", StringComparison.Ordinal), () => program.Output);
                Assert.Contains("redis: Silent", await ReadAsync(http), StringComparison.Ordinal);
                Assert.DoesNotContain("teahouse:", await redis.ExecuteAsync("PUBSUB CHANNELS"), StringComparison.Ordinal);
            }
        }
        await TestDatabase.RemoveAsync(database);
        folder.Delete(recursive: true);
    }

    // Without Redis the node serves, a moment later: were it taken out of service, all would be.
    private static async Task<string> ReadAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    private static void WriteCertificate(string certificate, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=redis.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
