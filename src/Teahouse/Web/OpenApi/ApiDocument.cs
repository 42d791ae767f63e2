using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Teahouse.Web.OpenApi;

/// <summary><c>/openapi/v1.json</c>: every call for programs, described from the code that answers it.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";
    public const string Path = "/openapi/v1.json";

    /// <summary>The same for people, in their language.</summary>
    public const string ReadersPath = "/docs/v1.json";

    private const string About = """
        Programs sign in with `Authorization: Bearer` and an API token (`read`, `write` or `admin`), or with name and password (HTTP Basic). A page of the site is signed in by its cookie,
        and proves with `X-CSRFToken` that a request which changes something is its own.

        Errors are problem details (RFC 9457) with a stable `code`; `error` repeats the title for older clients. Lists go on with `after` and the answer's `next`.
        `RateLimit` tells how many requests are left in this second; 429 and 503 carry `Retry-After`. Answers with an `ETag` are not sent again to who has them (`If-None-Match`).

        A ten-minute guide is in `docs/api.md`, the socket protocol in `docs/protocol.md`.
        """;

    private static readonly (string Name, string About)[] Tags =
    [
        ("Accounts", "Who you are, and who else is here."),
        ("Rooms", "Rooms you are in or may join."),
        ("Members", "Who belongs to a room, and as what."),
        ("Messages", "Sending, reading, following, downloading."),
        ("Projects", "Projects, and their visitors' chats with their proposers."),
        ("Tokens", "How your programs sign in."),
        ("Incoming webhooks", "Programs that speak in one room, in Slack's manner."),
        ("Outgoing webhooks", "Where messages are to be sent."),
        ("Sinks", "The site's outlets for messages, such as Google Sheets; for administrators."),
        ("Kept from older systems", "Calls that scripts of the systems before go on using."),
    ];

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddSingleton<DocumentWords>().AddOpenApi(Name, options =>
    {
        options.AddSchemaTransformer(ApiSchemas.Refine);
        options.AddOperationTransformer(ApiAnswers.Describe);
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").RequireCors(WebFeature.OtherOrigins);
        app.MapGet(ReadersPath, ReadAsync).WithETag().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadAsync([FromKeyedServices(Name)] IOpenApiDocumentProvider document, DocumentWords words, CancellationToken ct) =>
        TypedResults.Bytes(words.Translate(await (await document.GetOpenApiDocumentAsync(ct)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct)), "application/json; charset=utf-8");

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Teahouse",
            Version = "1",
            Description = About,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        // Whatever host it is read from.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>([.. Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.About })]);
        document.AddComponent("Problem", ApiSchemas.Problem());
        document.AddComponent<IOpenApiSecurityScheme>("token", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token." });
        document.AddComponent<IOpenApiSecurityScheme>("password", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic", Description = "User name and password." });
        document.AddComponent<IOpenApiSecurityScheme>("session", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = "teahouse_session",
            Description = "A browser's session; requests that change something also need the page's token in `X-CSRFToken`. Over HTTPS the name begins with `__Host-`.",
        });
        document.Security = [Needs("token"), Needs("password"), Needs("session")];

        OpenApiSecurityRequirement Needs(string scheme) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
    }
}
