using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Teahouse.Storage;

/// <summary>Where state lives: the database and the keys that sign cookies.</summary>
internal static class StorageFeature
{
    /// <param name="services">The host's services.</param>
    /// <param name="postgres">How to reach a PostgreSQL database; null: SQLite.</param>
    /// <param name="sqlitePath">The SQLite file.</param>
    /// <param name="dataDirectory"><c>DATA_DIR</c>, made at need with mode 0700.</param>
    public static IServiceCollection AddStorage(this IServiceCollection services, string? postgres, string sqlitePath, string dataDirectory)
    {
        services.AddSingleton<Db>(provider => provider.GetRequiredService<ILoggerFactory>() is var loggers && postgres is not null
            ? new PostgresDb(postgres, loggers)
            : new SqliteDb(sqlitePath, loggers));
        services.AddSingleton<Notices>();
        services.AddHostedService(provider => provider.GetRequiredService<Notices>());
        services.AddHealthChecks().AddCheck<DatabaseCheck>("database");
        services.AddDataProtection().SetApplicationName("teahouse");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            if (postgres is not null)
            {
                options.XmlRepository = new DatabaseKeyRing(provider.GetRequiredService<Db>(), provider.GetRequiredService<TimeProvider>());
                return;
            }
            var keys = new DirectoryInfo(Path.Combine(dataDirectory, "keys"));
            PrivateFiles.CreateDirectory(dataDirectory);
            PrivateFiles.CreateDirectory(keys.FullName);
            options.XmlRepository = new KeyRing(keys, provider.GetRequiredService<ILoggerFactory>());
        }));
        return services;
    }
}
