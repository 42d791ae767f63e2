using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Teahouse.Storage;

/// <summary>Where state lives: the database and the keys that sign cookies.</summary>
internal static class StorageFeature
{
    /// <param name="services">The host's services.</param>
    /// <param name="databasePath">The SQLite file.</param>
    /// <param name="dataDirectory"><c>DATA_DIR</c>, made at need with mode 0700.</param>
    public static IServiceCollection AddStorage(this IServiceCollection services, string databasePath, string dataDirectory)
    {
        services.AddSingleton<Db>(provider => new SqliteDb(databasePath, provider.GetRequiredService<ILoggerFactory>()));
        services.AddHealthChecks().AddCheck<DatabaseCheck>("database");
        services.AddDataProtection().SetApplicationName("teahouse");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            var keys = new DirectoryInfo(Path.Combine(dataDirectory, "keys"));
            PrivateFiles.CreateDirectory(dataDirectory);
            PrivateFiles.CreateDirectory(keys.FullName);
            options.XmlRepository = new KeyRing(keys, provider.GetRequiredService<ILoggerFactory>());
        }));
        return services;
    }
}
