namespace Teahouse.Django;

/// <summary>Taking over the sites of older systems, from the shell.</summary>
internal static class DjangoFeature
{
    /// <summary>Each import has objects of its own: some remember what they gave out.</summary>
    public static IServiceCollection AddDjango(this IServiceCollection services)
    {
        services.AddScoped<FindSite>();
        services.AddScoped<ImportUsers>();
        services.AddScoped<ImportProjects>();
        services.AddScoped<DraftMessages>();
        services.AddScoped<ImportRoom>();
        services.AddScoped<ImportDjango>();
        return services;
    }
}
