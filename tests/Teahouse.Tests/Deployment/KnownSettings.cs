using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Teahouse.Web;

namespace Teahouse.Tests.Deployment;

/// <summary>The names of all settings, as the program itself asks for them.</summary>
public static class KnownSettings
{
    public static IReadOnlySet<string> Names { get; } = Ask();

    /// <summary>The settings when nothing is said.</summary>
    public static Settings Defaults { get; } = Settings.Read(new ConfigurationBuilder().Build());

    private static HashSet<string> Ask()
    {
        var source = new Asked();
        Settings.Read(source);
        return source.Names;
    }

    private sealed class Asked : IConfiguration
    {
        public HashSet<string> Names { get; } = [];

        public string? this[string key]
        {
            get
            {
                Names.Add(key);
                return null;
            }
            set => throw new NotSupportedException();
        }

        public IEnumerable<IConfigurationSection> GetChildren() => [];

        public IChangeToken GetReloadToken() => throw new NotSupportedException();

        public IConfigurationSection GetSection(string key) => throw new NotSupportedException();
    }
}
