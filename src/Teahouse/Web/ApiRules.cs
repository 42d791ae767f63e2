using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;

namespace Teahouse.Web;

/// <summary>What every call of the API shares: JSON, the base address, other origins.</summary>
internal static class ApiRules
{
    /// <summary>Deeper JSON is nobody's honest request.</summary>
    public const int MaxDepth = 16;

    public static IServiceCollection AddApiRules(this IServiceCollection services)
    {
        services.Configure<JsonOptions>(options =>
        {
            var json = options.SerializerOptions;
            json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.PropertyNameCaseInsensitive = false;
            json.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
            json.AllowDuplicateProperties = false;
            json.MaxDepth = MaxDepth;
            // Answers are never put into HTML, so letters of all scripts may stay as they are.
            json.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        // What is wrong with a body or parameter is told by Problems, as everything else is.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>The group of all calls under <c>/api/v1</c>.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1").RequireCors(WebFeature.OtherOrigins);

    /// <summary>Refuses callers that <paramref name="rule"/> throws for, before the call's own work.</summary>
    public static TBuilder Check<TBuilder>(this TBuilder builder, Action<HttpContext> rule) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter((context, next) =>
        {
            rule(context.HttpContext);
            return next(context);
        });

    /// <summary>Writes down, for the API's document, which refusals a call may answer with.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params Refusal[] refusals) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RefusesMetadata(refusals));

    /// <summary>Gives answers an <c>ETag</c> and repeats none that the client has.</summary>
    public static TBuilder WithETag<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new TaggedMetadata()).AddEndpointFilter(async (context, next) => await next(context) switch
        {
            // A parameter that could not be read: the status alone, which Problems words.
            EmptyHttpResult nothing => (object?)nothing,
            IResult result => new TaggedResult(result),
            var other => other,
        });
}

/// <summary>See <see cref="ApiRules.WithETag"/>.</summary>
internal sealed record TaggedMetadata;

/// <summary>See <see cref="ApiRules.Refuses"/>.</summary>
internal sealed record RefusesMetadata(IReadOnlyList<Refusal> Refusals);
