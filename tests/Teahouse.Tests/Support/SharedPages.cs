using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;

namespace Teahouse.Tests.Support;

/// <summary>The descriptions of all pages, which the framework gathers by reflection: half of what it takes to build a server, and the same for every server of a process.</summary>
internal static class SharedPages
{
    private static ActionDescriptorCollection? _pages;

    /// <summary>A server with these services takes the descriptions of the first one, once there are any.</summary>
    public static void Use(IServiceCollection services)
    {
        if (_pages is { } pages)
        {
            services.AddSingleton<IActionDescriptorCollectionProvider>(new Pages(new ActionDescriptorCollection([.. pages.Items.Cast<CompiledPageActionDescriptor>().Select(Copy)], pages.Version)));
        }
    }

    /// <summary>Keeps this server's for those that follow.</summary>
    public static void Keep(IServiceProvider services) => _pages ??= services.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors;

    // With the first request to a page the framework keeps the server's own services in its description, so each server needs one.
    private static CompiledPageActionDescriptor Copy(CompiledPageActionDescriptor page) => new(page)
    {
        ActionConstraints = page.ActionConstraints,
        AttributeRouteInfo = page.AttributeRouteInfo,
        BoundProperties = page.BoundProperties,
        DeclaredModelTypeInfo = page.DeclaredModelTypeInfo,
        DisplayName = page.DisplayName,
        EndpointMetadata = page.EndpointMetadata,
        FilterDescriptors = page.FilterDescriptors,
        HandlerMethods = page.HandlerMethods,
        HandlerTypeInfo = page.HandlerTypeInfo,
        ModelTypeInfo = page.ModelTypeInfo,
        PageTypeInfo = page.PageTypeInfo,
        Parameters = page.Parameters,
        Properties = page.Properties,
        RouteValues = page.RouteValues,
    };

    private sealed record Pages(ActionDescriptorCollection ActionDescriptors) : IActionDescriptorCollectionProvider;
}
