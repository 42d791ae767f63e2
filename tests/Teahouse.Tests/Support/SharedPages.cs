using System.Collections.Concurrent;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;

namespace Teahouse.Tests.Support;

/// <summary>What the framework makes of the pages once for each server and would be the same for every server of a process: their descriptions, gathered by reflection, and the code that makes
/// pages and their models, compiled at the first request. The descriptions alone were half of what it takes to build a server.</summary>
internal static class SharedPages
{
    private static ActionDescriptorCollection? _pages;
    private static IRazorPageActivator? _activator;
    private static Factories? _factories;
    private static Models? _models;

    /// <summary>A server with these services takes what the first one has made, once there is any.</summary>
    public static void Use(IServiceCollection services)
    {
        if (_pages is { } pages && _activator is { } activator && _factories is { } factories && _models is { } models)
        {
            services.AddSingleton<IActionDescriptorCollectionProvider>(new Pages(new ActionDescriptorCollection([.. pages.Items.Cast<CompiledPageActionDescriptor>().Select(Copy)], pages.Version)));
            services.AddSingleton(activator);
            services.AddSingleton<IRazorPageFactoryProvider>(factories);
            services.AddSingleton<IPageModelActivatorProvider>(models);
        }
    }

    /// <summary>Keeps this server's for those that follow.</summary>
    public static void Keep(IServiceProvider services)
    {
        _pages ??= services.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors;
        _activator ??= services.GetRequiredService<IRazorPageActivator>();
        _factories ??= new Factories(services.GetRequiredService<IRazorPageFactoryProvider>());
        _models ??= new Models(services.GetRequiredService<IPageModelActivatorProvider>());
    }

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

    private sealed class Factories(IRazorPageFactoryProvider first) : IRazorPageFactoryProvider
    {
        private readonly ConcurrentDictionary<string, RazorPageFactoryResult> _made = new(StringComparer.Ordinal);

        public RazorPageFactoryResult CreateFactory(string relativePath) => _made.GetOrAdd(relativePath, first.CreateFactory);
    }

    // What makes a model takes the services it needs from the request.
    private sealed class Models(IPageModelActivatorProvider first) : IPageModelActivatorProvider
    {
        private readonly ConcurrentDictionary<Type, Func<PageContext, object>> _made = [];

        public Func<PageContext, object> CreateActivator(CompiledPageActionDescriptor descriptor) => _made.GetOrAdd(descriptor.ModelTypeInfo!.AsType(), _ => first.CreateActivator(descriptor));

        public Action<PageContext, object>? CreateReleaser(CompiledPageActionDescriptor descriptor) => first.CreateReleaser(descriptor);

        public Func<PageContext, object, ValueTask>? CreateAsyncReleaser(CompiledPageActionDescriptor descriptor) => first.CreateAsyncReleaser(descriptor);
    }
}
