using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Teahouse.Accounts;
using Teahouse.Mail;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Mail;

[Trait("Speed", "Medium")]
public sealed class MailTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_letter_has_what_mail_servers_and_people_need()
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");

        await server.ForgetAsync("alice");

        var mail = await smtp.WaitForAsync("alice@example.org");
        Assert.Equal("teahouse@example.org", mail.From);
        Assert.Equal("設定茶館的新密碼", mail.Subject);
        Assert.Contains(server.Address.ToString(), mail.Text, StringComparison.Ordinal);
        Assert.Contains("alice", mail.Text, StringComparison.Ordinal);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.EndsWith("@example.org>", mail.Headers["Message-ID"], StringComparison.Ordinal);
        Assert.True(DateTimeOffset.TryParse(mail.Headers["Date"], CultureInfo.InvariantCulture, out var date) && (DateTimeOffset.UtcNow - date).Duration() < TimeSpan.FromMinutes(1));
        Assert.Equal("alice@example.org", mail.Headers["To"]);
        Assert.StartsWith("text/plain", mail.Headers["Content-Type"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh-Hans", "设置茶馆的新密码")]
    [InlineData("en", "Set a new Teahouse password")]
    public async Task A_letter_speaks_its_receivers_language(string language, string subject)
    {
        await using var smtp = new SmtpServer();
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        using (var alice = await server.SignInAsync("alice"))
        {
            await alice.PostFormAsync("/settings/", ("act", "profile"), ("language", language));
        }

        await server.ForgetAsync("alice");

        Assert.Equal(subject, (await smtp.WaitForAsync("alice@example.org")).Subject);
    }

    [Fact]
    public async Task What_the_mail_server_cannot_take_now_is_tried_again_under_the_same_name()
    {
        var refused = 0;
        await using var smtp = new SmtpServer { Refusal = line => line == "." && Interlocked.Increment(ref refused) <= 2 ? "451 later" : null };
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");

        await server.ForgetAsync("alice");

        await smtp.WaitForAsync("alice@example.org");
        await Eventually.TrueAsync(async () => await server.Get<MailOutbox>().CountAsync(Ct) == 0);
        Assert.Equal(3, refused);
        Assert.Single(smtp.Mails);
    }

    [Theory]
    [InlineData("RCPT", "550 nobody here")]
    [InlineData(".", "554 no")]
    public async Task What_the_mail_server_never_takes_is_given_up_and_the_others_go_on(string command, string answer)
    {
        var isOver = false;
        await using var smtp = new SmtpServer();
        smtp.Refusal = line => !isOver && line.StartsWith(command, StringComparison.Ordinal) ? answer : null;
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        await server.AddUserWithEmailAsync("bob", "bob@example.org");
        await server.ForgetAsync("alice");
        await Eventually.TrueAsync(async () => smtp.Commands.Count > 0 && await server.Get<MailOutbox>().CountAsync(Ct) == 0);

        isOver = true;
        await server.ForgetAsync("bob");

        await smtp.WaitForAsync("bob@example.org");
        Assert.Single(smtp.Mails);
    }

    [Fact]
    public async Task A_mail_server_that_does_not_want_who_writes_loses_no_letter()
    {
        var isOver = false;
        await using var smtp = new SmtpServer();
        smtp.Refusal = line => !isOver && line.StartsWith("MAIL", StringComparison.Ordinal) ? "550 not from there" : null;
        await using var server = await TestServer.StartAsync(smtp.Settings());
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        await server.ForgetAsync("alice");
        await Eventually.TrueAsync(() => smtp.Commands.Count(line => line.StartsWith("MAIL", StringComparison.Ordinal)) > 1);

        isOver = true;

        await smtp.WaitForAsync("alice@example.org");
    }

    [Fact]
    public async Task A_wrong_password_of_the_mail_server_loses_no_letter()
    {
        await using var smtp = new SmtpServer { Login = ("mail", "right") };
        await using var wrong = await TestServer.StartAsync(smtp.Settings("mail:wrong"));
        await wrong.AddUserWithEmailAsync("alice", "alice@example.org");
        await wrong.ForgetAsync("alice");
        // The second: what became of the first is known by then.
        await Eventually.TrueAsync(() => smtp.Commands.Count(line => line.StartsWith("AUTH", StringComparison.Ordinal)) > 1);

        Assert.Equal(1, await wrong.Get<MailOutbox>().CountAsync(Ct));
        Assert.Empty(smtp.Mails);
    }

    [Fact]
    public async Task What_waits_is_sent_after_a_restart()
    {
        await using var smtp = new SmtpServer { Login = ("mail", "pass:wörd") };
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            // --role web alone sends nothing.
            var database = await TestDatabase.SettingsForAsync(directory);
            await using (var web = await TestServer.StartAsync([.. smtp.Settings("mail:pass%3Aw%C3%B6rd"), .. database], directory, works: false))
            {
                await web.AddUserWithEmailAsync("alice", "alice@example.org");
                await web.ForgetAsync("alice");
                Assert.Equal(1, await web.Get<MailOutbox>().CountAsync(Ct));
            }
            Assert.Empty(smtp.Commands);

            await using var again = await TestServer.StartAsync([.. smtp.Settings("mail:pass%3Aw%C3%B6rd"), .. database], directory);
            await smtp.WaitForAsync("alice@example.org");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_mail_server_that_says_nothing_is_given_a_time()
    {
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var server = await TestServer.StartAsync([("SMTP_URL", $"smtp://localhost:{port}"), ("MAIL_FROM", "t@example.org"), ("MAIL_RETRY_SECONDS", "0.05"), ("SMTP_TIMEOUT_SECONDS", "0.2")]);
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        await server.ForgetAsync("alice");

        using var first = await silent.AcceptTcpClientAsync(Ct);
        using var second = await silent.AcceptTcpClientAsync(Ct);

        Assert.Equal(1, await server.Get<MailOutbox>().CountAsync(Ct));
    }

    [Fact]
    public async Task A_letter_too_late_to_be_of_use_is_not_sent()
    {
        await using var smtp = new SmtpServer { Refusal = _ => "451 later" };
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(smtp.Settings(), clock: clock);
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        await server.ForgetAsync("alice");
        await Eventually.TrueAsync(() => smtp.Commands.Count > 0);

        clock.Offset = TimeSpan.FromHours(2);
        smtp.Refusal = null;
        await server.AddUserWithEmailAsync("bob", "bob@example.org");
        await server.ForgetAsync("bob");

        await smtp.WaitForAsync("bob@example.org");
        Assert.Single(smtp.Mails);
    }

    /// <summary>The whole program, because whom it trusts is the process's: by TLS, signed in, and not a word before that.</summary>
    [Theory, Trait("Speed", "Slow")]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task By_TLS_a_password_goes_only_to_a_server_that_is_trusted(bool isTls, bool isTrusted)
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            using var certificate = MakeCertificate();
            var (trusted, data) = (Path.Combine(directory, "trusted.crt"), Path.Combine(directory, "data"));
            using var another = MakeCertificate();
            await File.WriteAllTextAsync(trusted, (isTrusted ? certificate : another).ExportCertificatePem(), Ct);
            await using var smtp = new SmtpServer { Certificate = certificate, IsTls = isTls, Login = ("mail", "secret") };
            await using var program = await ProgramProcess.ServeAsync(data, [("SSL_CERT_FILE", trusted), .. smtp.Settings("mail:secret", isTls ? "" : "?starttls=on")]);
            await ProgramProcess.RunAsync(["user", "add", "alice", "--email", "alice@example.org", "--password-stdin"], "correct horse battery\n", [("DATA_DIR", data), .. await TestDatabase.SettingsForAsync(data)]);
            using var client = new HttpClient { BaseAddress = program.Address };

            await client.PostFormAsync("/forgot/", ("username", "alice"));

            if (isTrusted)
            {
                await smtp.WaitForAsync("alice@example.org");
            }
            else
            {
                await Eventually.TrueAsync(() => program.Output.Contains("could not be sent", StringComparison.Ordinal));
            }
            Assert.Equal(isTrusted, smtp.Commands.Any(line => line.StartsWith("AUTH", StringComparison.Ordinal)));
            Assert.DoesNotContain("alice@", program.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", program.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Without_STARTTLS_where_it_is_needed_nothing_is_said()
    {
        await using var smtp = new SmtpServer { Login = ("mail", "secret") };
        await using var server = await TestServer.StartAsync(smtp.Settings("mail:secret", "?starttls=on"));
        await server.AddUserWithEmailAsync("alice", "alice@example.org");

        await server.ForgetAsync("alice");

        await Eventually.TrueAsync(() => smtp.Commands.Any(line => line.StartsWith("EHLO", StringComparison.Ordinal)));
        await server.ForgetAsync("alice");
        await Eventually.TrueAsync(() => smtp.Commands.Count(line => line.StartsWith("EHLO", StringComparison.Ordinal)) > 1);
        Assert.DoesNotContain(smtp.Commands, line => line.StartsWith("AUTH", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal));
        Assert.Equal(2, await server.Get<MailOutbox>().CountAsync(Ct));
    }

    [Theory]
    [InlineData("smtp://mail.example.org", 25, SmtpSecurity.None, null)]
    [InlineData("smtp://mail.example.org:587", 587, SmtpSecurity.StartTls, null)]
    [InlineData("smtp://me:p%40ss%3A1@mail.example.org", 587, SmtpSecurity.StartTls, "p@ss:1")]
    [InlineData("smtp://me:pass@mail.example.org:25", 25, SmtpSecurity.StartTls, "pass")]
    [InlineData("smtp://me:pass@127.0.0.1:25", 25, SmtpSecurity.None, "pass")]
    [InlineData("smtp://mail.example.org?starttls=on", 25, SmtpSecurity.StartTls, null)]
    [InlineData("smtp://mail.example.org:587?starttls=off", 587, SmtpSecurity.None, null)]
    [InlineData("smtps://me:pass@mail.example.org", 465, SmtpSecurity.Tls, "pass")]
    [InlineData("smtps://127.0.0.1:4650", 4650, SmtpSecurity.Tls, null)]
    public void The_address_says_how_the_mail_server_is_spoken_to(string url, int port, SmtpSecurity security, string? password)
    {
        var server = Read(("SMTP_URL", url), ("MAIL_FROM", "t@example.org")).Mail.Server;

        Assert.NotNull(server);
        Assert.Equal((port, security, password), (server.Port, server.Security, server.Credentials?.Password));
    }

    [Theory]
    [InlineData("smtps://me:hunter2@mail.example.org?starttls=on", "t@example.org", "SMTP_URL", "smtps://")]
    [InlineData("http://me:hunter2@mail.example.org", "t@example.org", "SMTP_URL", "smtp://")]
    [InlineData("smtp://hunter2@mail.example.org", "t@example.org", "SMTP_URL", "PASSWORD")]
    [InlineData("smtp://mail.example.org/inbox", "t@example.org", "SMTP_URL", "HOST")]
    [InlineData("smtp://mail.example.org", "", "MAIL_FROM", "SMTP_URL")]
    [InlineData("smtp://mail.example.org", "Teahouse", "MAIL_FROM", "teahouse@example.org")]
    public void A_wrong_value_stops_the_start_without_showing_a_password(string url, string from, string setting, string allowed)
    {
        var e = Assert.Throws<SettingException>(() => Read(("SMTP_URL", url), ("MAIL_FROM", from)));

        Assert.StartsWith(setting + "=", e.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    private static Settings Read(params (string Name, string Value)[] settings) =>
        Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
