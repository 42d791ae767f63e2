using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Deployment;

public sealed class KubernetesTests
{
    private const string Folder = "deploy/kubernetes";

    private static readonly JsonObject Kustomization = YamlFile.Read(Folder + "/kustomization.yaml");

    private static readonly IReadOnlyList<JsonObject> Resources =
        [.. YamlFile.Texts(Kustomization["resources"]).SelectMany(file => YamlFile.ReadAll($"{Folder}/{(file == "secret.yaml" ? "secret.example.yaml" : file)}"))];

    public static TheoryData<string> Deployments() => ["teahouse-web", "teahouse-worker"];

    [Fact]
    public void Every_manifest_is_named_and_says_what_it_is()
    {
        Assert.Equal(Repository.List(Folder, ".yaml").Select(Path.GetFileName).Except(["kustomization.yaml"]).Select(file => file!.Replace(".example", "", StringComparison.Ordinal)).Order(),
            YamlFile.Texts(Kustomization["resources"]).Order());
        Assert.All(Resources, resource => Assert.All((string[])["apiVersion", "kind", "metadata"], part => Assert.NotNull(resource[part])));
        Assert.Equal(Resources.Count, Resources.Select(resource => ((string?)resource["kind"], (string?)resource["metadata"]!["name"])).Distinct().Count());
        // The filled-in secret must not get into the repository.
        Assert.Contains("/deploy/kubernetes/secret.yaml", Repository.Read(".gitignore").Split('\n'));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void A_pod_has_few_rights_and_limits(string name)
    {
        var pod = Pod(name);
        var container = Assert.Single(pod["containers"]!.AsArray())!;

        Assert.Equal("true", (string?)pod["securityContext"]!["runAsNonRoot"]);
        Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
        Assert.Equal("false", (string?)pod["automountServiceAccountToken"]);
        Assert.Equal("true", (string?)container["securityContext"]!["readOnlyRootFilesystem"]);
        Assert.Equal("false", (string?)container["securityContext"]!["allowPrivilegeEscalation"]);
        Assert.Equal(["ALL"], YamlFile.Texts(container["securityContext"]!["capabilities"]!["drop"]));
        Assert.NotNull(container["resources"]!["limits"]!["memory"]);
        Assert.NotNull(container["resources"]!["requests"]!["cpu"]);
        var places = pod["volumes"]!.AsArray().Select(volume => (string?)volume!["name"]).ToList();
        Assert.All(container["volumeMounts"]!.AsArray(), mount => Assert.Contains((string?)mount!["name"], places));
        Assert.Contains(container["volumeMounts"]!.AsArray(), mount => (string?)mount!["mountPath"] == (string?)Find("ConfigMap", "teahouse")["data"]!["DATA_DIR"]);
    }

    [Theory, MemberData(nameof(Deployments))]
    public async Task Probes_ask_what_the_program_answers(string name)
    {
        await using var server = await TestServer.StartAsync([("ALLOWED_HOSTS", (string)Find("ConfigMap", "teahouse")["data"]!["ALLOWED_HOSTS"]!)]);
        using var client = server.CreateClient();
        var container = Pod(name)["containers"]![0]!;

        foreach (var (probe, path) in (IEnumerable<(string, string)>)[("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")])
        {
            var asked = container[probe]!["httpGet"]!;
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri((string)asked["path"]!, UriKind.Relative));
            request.Headers.Host = (string)Assert.Single(asked["httpHeaders"]!.AsArray())!["value"]!;

            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(path, (string?)asked["path"]);
            Assert.Contains(container["ports"]!.AsArray(), port => (string?)port!["name"] == (string?)asked["port"]);
        }
    }

    [Fact]
    public void Its_settings_are_settings_of_the_program_and_their_values_are_accepted()
    {
        var plain = Find("ConfigMap", "teahouse")["data"]!.AsObject().Where(pair => !pair.Key.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList();
        var secret = Find("Secret", "teahouse")["stringData"]!.AsObject();

        Assert.Empty(plain.Concat(secret).Select(pair => pair.Key).Except(KnownSettings.Names));
        var settings = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(plain.Concat(secret).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build());
        Assert.NotNull(settings.PostgresConnection);
        Assert.Equal((string?)Find("Ingress", "teahouse")["spec"]!["rules"]![0]!["host"], Assert.Single(settings.AllowedHosts));
        // Switches and numbers without quotes would be no texts, which is what the field takes.
        Assert.DoesNotContain(Repository.Read(Folder + "/configmap.yaml").Split('\n'), line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^  \w+: (on|off|yes|no|true|false|[\d.]+)$"));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void What_selects_pods_finds_them(string name)
    {
        var labels = Find("Deployment", name)["spec"]!["template"]!["metadata"]!["labels"]!.AsObject().Select(label => (label.Key, (string?)label.Value))
            .Concat(Kustomization["labels"]!.AsArray().SelectMany(each => each!["pairs"]!.AsObject()).Select(label => (label.Key, (string?)label.Value))).ToHashSet();
        var selectors = new[]
        {
            Find("Deployment", name)["spec"]!["selector"]!["matchLabels"],
            Find("PodDisruptionBudget", name)["spec"]!["selector"]!["matchLabels"],
            Find("NetworkPolicy", name)["spec"]!["podSelector"]!["matchLabels"],
            name == "teahouse-web" ? Find("Service", "teahouse")["spec"]!["selector"] : null,
        };

        Assert.All(selectors.OfType<JsonNode>(), selector => Assert.All(selector.AsObject(), label => Assert.Contains((label.Key, (string?)label.Value), labels)));
        Assert.Equal("true", (string?)Kustomization["labels"]![0]!["includeTemplates"]);
        Assert.Contains(Kustomization["images"]!.AsArray(), image => (string?)image!["name"] == (string?)Pod(name)["containers"]![0]!["image"]);
        Assert.Equal(["serve", "--role", name["teahouse-".Length..]], YamlFile.Texts(Pod(name)["containers"]![0]!["args"]));
    }

    [Fact]
    public void A_node_is_renewed_without_anybody_noticing()
    {
        var web = Find("Deployment", "teahouse-web");
        var container = Pod("teahouse-web")["containers"]![0]!;

        Assert.Equal("0", (string?)web["spec"]!["strategy"]!["rollingUpdate"]!["maxUnavailable"]);
        var pause = Number(container["lifecycle"]!["preStop"]!["sleep"]!["seconds"]);
        var drain = Number(Find("ConfigMap", "teahouse")["data"]!["DRAIN_SECONDS"]);
        Assert.True(Number(Pod("teahouse-web")["terminationGracePeriodSeconds"]) > pause + drain + 1);
        Assert.True(Number(Pod("teahouse-worker")["terminationGracePeriodSeconds"]) > drain + 1);
        // Out of service before the pause is over.
        Assert.True(Number(container["readinessProbe"]!["periodSeconds"]) * Number(container["readinessProbe"]!["failureThreshold"]) < pause);
    }

    [Fact]
    public void Nodes_are_added_by_their_sockets()
    {
        var scaling = Find("HorizontalPodAutoscaler", "teahouse-web")["spec"]!;

        Assert.Equal(("Deployment", "teahouse-web"), ((string?)scaling["scaleTargetRef"]!["kind"], (string?)scaling["scaleTargetRef"]!["name"]));
        Assert.Equal("teahouse_sockets_open", (string?)scaling["metrics"]![0]!["pods"]!["metric"]!["name"]);
        Assert.True(Number(scaling["minReplicas"]) >= 2);
        // Otherwise every deployment would set the number back.
        Assert.Null(Find("Deployment", "teahouse-web")["spec"]!["replicas"]);
    }

    [Fact]
    public void The_way_in_leads_to_the_web_nodes()
    {
        var service = Find("Service", "teahouse")["spec"]!;
        var backend = Find("Ingress", "teahouse")["spec"]!["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"]!;

        Assert.Equal("teahouse", (string?)backend["name"]);
        Assert.Equal((string?)service["ports"]![0]!["name"], (string?)backend["port"]!["name"]);
        Assert.Equal((string?)service["ports"]![0]!["targetPort"], (string?)Pod("teahouse-web")["containers"]![0]!["ports"]![0]!["name"]);
        Assert.Equal(new Uri(((string)Find("ConfigMap", "teahouse")["data"]!["URLS"]!).Replace('*', 'x')).Port, Number(Pod("teahouse-web")["containers"]![0]!["ports"]![0]!["containerPort"]));
        var patience = Number(Find("Ingress", "teahouse")["metadata"]!["annotations"]!["nginx.ingress.kubernetes.io/proxy-read-timeout"]);
        Assert.True(patience > KnownSettings.Defaults.Ping.TotalSeconds + KnownSettings.Defaults.Pong.TotalSeconds);
    }

    private static JsonObject Find(string kind, string name) =>
        Assert.Single(Resources, resource => (string?)resource["kind"] == kind && (string?)resource["metadata"]!["name"] == name);

    private static JsonNode Pod(string deployment) => Find("Deployment", deployment)["spec"]!["template"]!["spec"]!;

    private static double Number(JsonNode? node) => double.Parse((string)node!, CultureInfo.InvariantCulture);
}
