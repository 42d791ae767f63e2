using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Deployment;

/// <summary>What can be said of <c>deploy/compose.yaml</c> without a container engine; the cluster of the tests runs it as processes.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Program = ["web-1", "web-2", "worker"];

    private static readonly Dictionary<string, string> Filled = new(ComposeFile.ReadExample()) { ["POSTGRES_PASSWORD"] = "p0stgres", ["REDIS_PASSWORD"] = "r3dis" };

    private static readonly ComposeFile Compose = ComposeFile.Read(Filled);

    public static TheoryData<string> AllServices() => [.. Compose.Services.Select(service => service.Key)];

    [Fact]
    public void What_it_asks_for_is_explained_in_the_example_and_nothing_else()
    {
        var asked = ComposeFile.ListVariables(ComposeFile.Path).Keys.Concat(ComposeFile.ListVariables("deploy/compose.tls.yaml").Keys).Except(["TEAHOUSE_IMAGE"]).Order();

        Assert.Equal(asked.Distinct(), ComposeFile.ReadExample().Keys.Order());
    }

    [Fact]
    public void No_password_has_a_value_of_its_own_and_none_may_be_left_out()
    {
        var mandatory = ComposeFile.ListVariables(ComposeFile.Path);

        Assert.Equal(["POSTGRES_PASSWORD", "REDIS_PASSWORD"], mandatory.Keys.Where(name => name.Contains("PASSWORD", StringComparison.Ordinal)).Order());
        Assert.All(mandatory.Where(variable => variable.Key.Contains("PASSWORD", StringComparison.Ordinal)), variable => Assert.True(variable.Value));
        Assert.All(ComposeFile.ReadExample().Where(variable => variable.Key.Contains("PASSWORD", StringComparison.Ordinal)), variable => Assert.Empty(variable.Value));
        Assert.Throws<InvalidOperationException>(() => ComposeFile.Read(ComposeFile.ReadExample()));
    }

    [Fact]
    public void Its_settings_are_settings_of_the_program_and_their_values_are_accepted()
    {
        foreach (var service in Program)
        {
            var environment = Compose.EnvironmentOf(service);

            Assert.Empty(environment.Keys.Except(KnownSettings.Names));
            var settings = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(environment.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build());
            Assert.Contains("Host=postgres", settings.PostgresConnection, StringComparison.Ordinal);
            Assert.Contains("Password=p0stgres", settings.PostgresConnection, StringComparison.Ordinal);
            Assert.Equal("redis://:r3dis@redis:6379", environment["REDIS_URL"]);
        }
    }

    [Fact]
    public void The_web_nodes_differ_in_nothing_but_their_address()
    {
        var (first, second) = (Compose["web-1"].DeepClone(), Compose["web-2"].DeepClone());
        Assert.NotEqual(Compose.AddressOf("web-1", "site"), Compose.AddressOf("web-2", "site"));

        foreach (var node in (JsonNode[])[first, second])
        {
            node["networks"]!["site"]!.AsObject().Remove("ipv4_address");
        }

        Assert.True(JsonNode.DeepEquals(first, second));
        Assert.Equal(["serve", "--role", "web"], YamlFile.Texts(first["command"]));
        Assert.Equal(["serve", "--role", "worker"], YamlFile.Texts(Compose["worker"]["command"]));
        // The worker alone has Google's key, and speaks to Google.
        Assert.Equal(Compose.EnvironmentOf("web-1").Keys.Concat(["GOOGLE_CREDS_PATH", "GOOGLE_SHEET_ID", "GOOGLE_SHEET_NAME"]).Order(), Compose.EnvironmentOf("worker").Keys.Order());
        Assert.All(Compose.EnvironmentOf("web-1"), setting => Assert.Equal(setting.Value, Compose.EnvironmentOf("worker")[setting.Key]));
    }

    [Fact]
    public void Only_nginx_can_be_reached_from_outside()
    {
        Assert.Equal("nginx", Assert.Single(Compose.Services, service => service.Value!["ports"] is not null).Key);
        Assert.Equal(["80:8080"], YamlFile.Texts(Compose["nginx"]["ports"]));
        foreach (var (service, body) in Compose.Services)
        {
            var networks = YamlFile.Texts(body!["networks"]);
            var open = networks.Where(network => (string?)(Compose.Root["networks"]![network] as JsonObject)?["internal"] != "true");

            Assert.Equal(service switch { "nginx" => ["edge"], "worker" => ["outward"], _ => [] }, open);
            Assert.Equal(service is not "nginx", networks.Contains("store"));
            Assert.Null(body["network_mode"]);
        }
    }

    [Theory, MemberData(nameof(AllServices))]
    public void Every_service_has_few_rights_limits_and_a_check(string name)
    {
        var service = Compose[name];

        Assert.Equal("true", (string?)service["read_only"]);
        Assert.Matches(@"^[1-9]\d*:[1-9]\d*$", (string?)service["user"]);
        Assert.Equal(["ALL"], YamlFile.Texts(service["cap_drop"]));
        Assert.Null(service["cap_add"]);
        Assert.Null(service["privileged"]);
        Assert.Equal(["no-new-privileges:true"], YamlFile.Texts(service["security_opt"]));
        Assert.Equal("unless-stopped", (string?)service["restart"]);
        Assert.NotNull(service["logging"]?["options"]?["max-size"]);
        var limits = service["deploy"]?["resources"]?["limits"];
        Assert.All((string[])["cpus", "memory", "pids"], limit => Assert.NotNull(limits?[limit]));
        var check = service["healthcheck"]!;
        Assert.All((string[])["interval", "timeout", "retries"], part => Assert.NotNull(check[part]));
        Assert.StartsWith("CMD", YamlFile.Texts(check["test"])[0], StringComparison.Ordinal);
        Assert.Matches(name is "web-1" or "web-2" or "worker" ? "^teahouse$" : @":\d+(\.\d+)?-[a-z]+$", (string?)service["image"]);
        Assert.NotNull(service["stop_grace_period"]);
    }

    [Fact]
    public void A_node_may_take_its_time_to_stop()
    {
        var drain = KnownSettings.Defaults.Drain.TotalSeconds;

        foreach (var service in Program)
        {
            Assert.Equal(drain, double.Parse(Compose.EnvironmentOf(service)["DRAIN_SECONDS"], CultureInfo.InvariantCulture));
            Assert.True(Seconds(Compose[service]["stop_grace_period"]) > drain + 1);
            Assert.Null(Compose[service]["stop_signal"]);
        }
    }

    [Fact]
    public void Names_and_addresses_agree_between_the_nodes_and_nginx()
    {
        var subnet = System.Net.IPNetwork.Parse((string)Compose.Root["networks"]!["site"]!["ipam"]!["config"]![0]!["subnet"]!);
        string[] placed = ["web-1", "web-2", "nginx"];
        var hosts = YamlFile.Texts(Compose["nginx"]["extra_hosts"]);

        Assert.All(placed, service => Assert.True(subnet.Contains(System.Net.IPAddress.Parse(Compose.AddressOf(service, "site")!))));
        Assert.Equal(Compose.AddressOf("nginx", "site"), Compose.EnvironmentOf("web-1")["TRUSTED_PROXIES"]);
        Assert.Equal([$"web-1:{Compose.AddressOf("web-1", "site")}", $"web-2:{Compose.AddressOf("web-2", "site")}"], hosts);
        var port = new Uri(Compose.EnvironmentOf("web-1")["URLS"]).Port;
        Assert.Equal([$"web-1:{port}", $"web-2:{port}"], Upstream().Matches(Repository.Read("deploy/nginx.conf")).Select(match => match.Groups[1].Value).Distinct());
    }

    [Fact]
    public void Services_wait_for_what_they_cannot_do_without()
    {
        foreach (var service in Program)
        {
            Assert.Equal("service_healthy", (string?)Compose[service]["depends_on"]!["postgres"]!["condition"]);
            // Without Redis a node works.
            Assert.Equal("service_started", (string?)Compose[service]["depends_on"]!["redis"]!["condition"]);
            Assert.Equal(["CMD", "teahouse", "health"], YamlFile.Texts(Compose[service]["healthcheck"]!["test"]));
        }
        Assert.All((string[])["web-1", "web-2"], node => Assert.Equal("service_healthy", (string?)Compose["nginx"]["depends_on"]![node]!["condition"]));
    }

    [Fact]
    public void PostgreSQL_has_room_for_every_node_and_keeps_its_data_in_a_volume()
    {
        // docs/operations.md: 32 a node.
        var connections = YamlFile.Texts(Compose["postgres"]["command"]).Single(part => part.StartsWith("max_connections=", StringComparison.Ordinal)).Split('=')[1];

        Assert.True(int.Parse(connections, CultureInfo.InvariantCulture) > 32 * (Program.Length + 1));
        var volume = Assert.Single(YamlFile.Texts(Compose["postgres"]["volumes"])).Split(':');
        Assert.Equal("/var/lib/postgresql/data", volume[1]);
        Assert.True(Compose.Root["volumes"]!.AsObject().ContainsKey(volume[0]));
        Assert.DoesNotContain(YamlFile.Texts(Compose["postgres"]["command"]), part => part.Contains("fsync", StringComparison.Ordinal) || part.Contains("synchronous_commit", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_it_mounts_are_there()
    {
        foreach (var mount in YamlFile.Texts(Compose["nginx"]["volumes"]).Concat(YamlFile.Texts(YamlFile.Read("deploy/compose.tls.yaml")["services"]!["nginx"]!["volumes"]))
            .Where(mount => mount.StartsWith("./", StringComparison.Ordinal)))
        {
            Assert.EndsWith(":ro", mount, StringComparison.Ordinal);
            Assert.True(File.Exists(Repository.PathOf("deploy/" + mount[2..mount.IndexOf(':', StringComparison.Ordinal)])), mount);
        }
    }

    [Fact]
    public void The_addition_for_HTTPS_changes_only_services_that_exist()
    {
        var addition = YamlFile.Read("deploy/compose.tls.yaml")["services"]!.AsObject();

        Assert.Equal(["nginx", "web-1", "web-2"], addition.Select(service => service.Key).Order());
        Assert.All((string[])["web-1", "web-2"], node => Assert.Empty(addition[node]!["environment"]!.AsObject().Select(pair => pair.Key).Except(KnownSettings.Names)));
        Assert.Contains("listen 8443 ssl", Repository.Read("deploy/nginx-tls.conf"), StringComparison.Ordinal);
        Assert.EndsWith(":8443", Assert.Single(YamlFile.Texts(addition["nginx"]!["ports"])), StringComparison.Ordinal);
    }

    private static double Seconds(JsonNode? duration) => double.Parse(((string)duration!).TrimEnd('s'), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*server (\S+:\d+) ", RegexOptions.Multiline)]
    private static partial Regex Upstream();
}
