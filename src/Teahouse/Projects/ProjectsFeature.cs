using Teahouse.Projects.Compat;

namespace Teahouse.Projects;

/// <summary>Projects, and the chats of their visitors with their owners: ordinary rooms of two.</summary>
internal static class ProjectsFeature
{
    public static IServiceCollection AddProjects(this IServiceCollection services)
    {
        services.AddSingleton<ProjectStore>();
        services.AddSingleton<ProjectQueries>();
        services.AddSingleton<ProjectAdminQueries>();
        services.AddSingleton<ProjectChatQueries>();
        services.AddSingleton<ProjectAccess>();
        services.AddSingleton<ProjectDoor>();
        services.AddSingleton<CreateProject>();
        services.AddSingleton<UpdateProject>();
        services.AddSingleton<GiveProject>();
        services.AddSingleton<DeleteProject>();
        services.AddSingleton<OpenProjectChat>();
        services.AddSingleton<BlockVisitor>();
        services.AddSingleton<OldMessageEncoder>();
        services.AddSingleton<ReadOldMessages>();
        services.AddSingleton<OldChatAccess>();
        return services;
    }

    /// <param name="app">The site.</param>
    /// <param name="api">The group of calls under <c>/api/v1</c>.</param>
    public static void MapProjects(this IEndpointRouteBuilder app, RouteGroupBuilder api)
    {
        ProjectsApi.Map(api);
        OldChatApi.Map(app);
    }
}

/// <summary>Marks the resources with the texts of projects and their chats.</summary>
public sealed class ProjectsText;
