using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Teahouse.Web.OpenApi;

/// <summary>Writes into the document what each call may be answered with: its refusals, those that any call may meet, and examples.</summary>
internal static class ApiAnswers
{
    /// <summary>What stands for the number in an example of a refusal that has one.</summary>
    public const int ExampleNumber = 100;

    private static readonly Lazy<JsonObject> Examples = new(() =>
    {
        using var stream = typeof(ApiAnswers).Assembly.GetManifestResourceStream("openapi/examples.json") ?? throw new InvalidOperationException("The examples are missing.");
        return JsonNode.Parse(stream)!.AsObject();
    });

    private static readonly Dictionary<int, string> Meanings = new()
    {
        [200] = "Done.",
        [201] = "Made.",
        [202] = "Taken; it is done soon.",
        [204] = "Done; there is nothing to say.",
        [304] = "The client has it already.",
        [400] = "The request is not well-formed, or a value cannot be used.",
        [401] = "Nobody is signed in, or the credentials are wrong.",
        [403] = "Not allowed.",
        [404] = "Not there, or not for you: alike.",
        [409] = "Contradicts what is there.",
        [410] = "Closed for good.",
        [413] = "The body is too large.",
        [415] = "The body is of a type that is not taken.",
        [429] = "Too fast; `Retry-After` says when to come back.",
        [503] = "Nothing was stored; try again.",
    };

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var isUnsafe = context.Description.HttpMethod is not "GET";
        var speaksSlack = context.Description.RelativePath?.StartsWith("hooks/", StringComparison.Ordinal) == true;
        operation.Responses ??= [];
        List<Refusal> refusals = [.. metadata.OfType<RefusesMetadata>().SelectMany(each => each.Refusals)];
        if (!speaksSlack)
        {
            refusals.AddRange([Refusal.BadToken, Refusal.WrongPassword]);
            if (isUnsafe)
            {
                refusals.AddRange([Refusal.ScopeTooSmall, Refusal.Forged, Refusal.Busy]);
            }
            if (operation.RequestBody is not null)
            {
                refusals.Add(Refusal.BadJson);
            }
        }
        Add(operation, context, refusals);
        if (metadata.OfType<TaggedMetadata>().Any())
        {
            operation.Responses["304"] = new OpenApiResponse();
        }
        foreach (var (status, answer) in operation.Responses)
        {
            answer.Description = Meanings.GetValueOrDefault(int.Parse(status, CultureInfo.InvariantCulture), answer.Description ?? "");
        }
        AddExamples(operation);
        return Task.CompletedTask;
    }

    private static void Add(OpenApiOperation operation, OpenApiOperationTransformerContext context, IEnumerable<Refusal> refusals)
    {
        var problems = context.ApplicationServices.GetRequiredService<Problems>();
        var byStatus = refusals.DistinctBy(refusal => refusal.Name)
            .Select(refusal => (refusal.Status, Name: refusal.Name, Problem: InEnglish(() => problems.Describe(new RefusedException(refusal, ExampleNumber), refusal.Status)))).ToList();
        int[] always = operation.RequestBody is null ? [400, 429] : [400, 413, 415, 429];
        byStatus.AddRange(always.Select(status => (status, Name: "Status" + status.ToString(CultureInfo.InvariantCulture), Problem: InEnglish(() => problems.Describe(null, status)))));
        foreach (var status in byStatus.GroupBy(each => each.Status).OrderBy(group => group.Key))
        {
            var examples = new Dictionary<string, IOpenApiExample>();
            foreach (var (_, name, problem) in status)
            {
                examples.TryAdd(name, new OpenApiExample { Summary = problem.Title, Value = Problems.Body(problem) });
            }
            // Not null: set by the caller.
            var answers = operation.Responses!;
            var key = status.Key.ToString(CultureInfo.InvariantCulture);
            var answer = answers.TryGetValue(key, out var known) && known is OpenApiResponse { Content: not null } other ? other : new OpenApiResponse { Content = new Dictionary<string, OpenApiMediaType>() };
            answer.Content!["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference("Problem", context.Document), Examples = examples };
            answers[key] = answer;
        }
    }

    private static void AddExamples(OpenApiOperation operation)
    {
        if (Examples.Value[operation.OperationId ?? ""] is not JsonObject example)
        {
            return;
        }
        foreach (var (type, media) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
        {
            if (type == "application/json")
            {
                media.Example = example["request"]?.DeepClone();
            }
        }
        foreach (var (status, answer) in operation.Responses ?? [])
        {
            foreach (var (type, media) in answer.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                if (type != "application/problem+json" && media.Examples is null)
                {
                    // Slack's words for a refusal stand in the description.
                    media.Example = example[status.StartsWith('2') ? "response" : "refused"]?.DeepClone();
                }
            }
        }
    }

    /// <summary>The document is the same for every reader.</summary>
    private static T InEnglish<T>(Func<T> say)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.English);
            return say();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
