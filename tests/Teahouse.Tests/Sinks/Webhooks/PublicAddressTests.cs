using System.Net;
using Teahouse.Sinks.Webhooks;
using Teahouse.Web;

namespace Teahouse.Tests.Sinks.Webhooks;

public sealed class PublicAddressTests
{
    /// <summary>The registries' special addresses, first and last of each, and what is hidden in others.</summary>
    public static TheoryData<string> Special() =>
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1", "127.255.255.255", "169.254.0.1", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
        "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
    ];

    [Theory, MemberData(nameof(Special))]
    public void What_is_not_the_public_Internet_is_refused(string address)
    {
        Assert.False(PublicAddress.Is(IPAddress.Parse(address)));
        Assert.False(Allows("off", address));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("11.0.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:81b::200e")]
    public void What_is_the_public_Internet_is_not(string address) => Assert.True(Allows("off", address));

    [Theory]
    [InlineData("on", "127.0.0.1", true)]
    [InlineData("on", "10.1.2.3", true)]
    [InlineData("on", "100.64.0.1", true)]
    [InlineData("on", "192.168.1.1", true)]
    [InlineData("on", "::1", true)]
    [InlineData("on", "fd12::1", true)]
    [InlineData("on", "8.8.8.8", true)]
    // Where clouds answer with credentials, and what is nobody's server.
    [InlineData("on", "169.254.169.254", false)]
    [InlineData("on", "fd00:ec2::254", false)]
    [InlineData("on", "100.100.100.200", false)]
    [InlineData("on", "::ffff:127.0.0.1", false)]
    [InlineData("on", "0.0.0.0", false)]
    [InlineData("on", "224.0.0.1", false)]
    [InlineData("10.1.0.0/16,192.168.7.7", "10.1.2.3", true)]
    [InlineData("10.1.0.0/16,192.168.7.7", "192.168.7.7", true)]
    [InlineData("10.1.0.0/16,192.168.7.7", "10.2.0.1", false)]
    [InlineData("10.1.0.0/16,192.168.7.7", "127.0.0.1", false)]
    [InlineData("64:ff9b::/96", "64:ff9b::808:808", true)]
    public void Own_networks_are_allowed_by_a_setting(string setting, string address, bool allowed) => Assert.Equal(allowed, Allows(setting, address));

    [Fact]
    public void A_setting_that_is_none_stops_the_start()
    {
        var error = Assert.Throws<SettingException>(() => Allows("perhaps", "8.8.8.8"));

        Assert.Contains("WEBHOOK_ALLOW_PRIVATE=perhaps: on, off, or", error.Message, StringComparison.Ordinal);
    }

    private static bool Allows(string setting, string address)
    {
        var source = new Microsoft.Extensions.Configuration.ConfigurationManager { ["WEBHOOK_ALLOW_PRIVATE"] = setting };
        return new WebhookAddresses(Settings.Read(source)).Allows(IPAddress.Parse(address));
    }
}
