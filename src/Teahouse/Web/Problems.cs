using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Localization;

namespace Teahouse.Web;

/// <summary>What went wrong, as it is shown: a status, a stable code, and a sentence in the reader's language.</summary>
internal sealed record Problem(int Status, string Code, string Title, TimeSpan? RetryAfter = null, string? Field = null);

/// <summary>Turns exceptions and bare statuses into problem details for programs and pages for people. Thread-safe.</summary>
internal sealed partial class Problems(IStringLocalizer<ErrorText> texts, IStringLocalizer<RefusalText> refusals, ILogger<Problems> log) : IExceptionHandler
{
    /// <summary>A database that is away, or a disk that is full: nobody knows for how long.</summary>
    private static readonly TimeSpan WhenBusy = TimeSpan.FromSeconds(1);

    /// <summary>True where answers are for programs.</summary>
    public static bool IsForPrograms(HttpContext context) =>
        ProgramPaths.Take(PathOf(context))
        || context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "application/json")
        // The scripts of older pages say so instead.
        || context.Request.Headers.XRequestedWith == "XMLHttpRequest";

    /// <summary>True while an error page is made for a request that has failed.</summary>
    public static bool IsBeingExplained(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>() is not null || context.Features.Get<IStatusCodeReExecuteFeature>() is not null;

    public Problem Describe(Exception? exception, int status) => exception switch
    {
        // On sockets the code is one of a short list; over HTTP what is not there is simply not found.
        RefusedException { Refusal: var refusal } e => new Problem(refusal.Status, refusal.Status is 401 or 404 ? CodeOf(refusal.Status) : refusal.Code,
            refusals[refusal.Name, [.. e.Arguments]], e.RetryAfter ?? (refusal == Refusal.Busy ? WhenBusy : null), e.Field),
        BadHttpRequestException { InnerException: JsonException json } e => Describe(new RefusedException(WhatIsWrong(json)), e.StatusCode),
        BadHttpRequestException e => Describe(null, e.StatusCode),
        null => new Problem(status, CodeOf(status), Text(status)),
        _ => Describe(null, StatusCodes.Status500InternalServerError),
    };

    /// <summary>Answers programs at once; for people the error page follows.</summary>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        SpeakAsReader(httpContext);
        var problem = Describe(exception, StatusCodes.Status500InternalServerError);
        if (problem.Status >= 500 && exception is not RefusedException)
        {
            LogFailed(log, httpContext.Request.Method, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName ?? "none", exception);
        }
        if (!IsForPrograms(httpContext))
        {
            return false;
        }
        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>Writes problem details (RFC 9457), with <c>error</c> for clients of the older systems.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        SetRetryAfter(context, problem);
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            // Tokens only: to be asked for a password would make a browser keep it and send it by itself.
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }
        return context.Response.WriteAsJsonAsync(Body(problem), options: null, contentType: "application/problem+json");
    }

    /// <summary>The problem as JSON.</summary>
    public static JsonObject Body(Problem problem)
    {
        var body = new JsonObject
        {
            ["type"] = "about:blank",
            ["title"] = problem.Title,
            ["status"] = problem.Status,
            ["code"] = problem.Code,
            ["error"] = problem.Title,
        };
        if (problem is { Code: "rate_limited", RetryAfter: { } wait })
        {
            body["retry_ms"] = (long)Math.Ceiling(wait.TotalMilliseconds);
        }
        if (problem.Field is { } field)
        {
            body["errors"] = new JsonObject { [field] = new JsonArray(problem.Title) };
        }
        return body;
    }

    /// <summary>Gives a status without a body (no such route, wrong method) the body programs expect.</summary>
    public static Task AnswerBareStatusAsync(StatusCodeContext bare)
    {
        var context = bare.HttpContext;
        SpeakAsReader(context);
        return WriteAsync(context, context.RequestServices.GetRequiredService<Problems>().Describe(null, context.Response.StatusCode));
    }

    public static void SetRetryAfter(HttpContext context, Problem problem) => SetRetryAfter(context, problem.RetryAfter);

    /// <summary>Tells when it is worth to come back, in whole seconds; null: nothing.</summary>
    public static void SetRetryAfter(HttpContext context, TimeSpan? retryAfter)
    {
        if (retryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    // The reader's own complaints are about JSON; what is raised while a value is taken is about what stands in it.
    private static Refusal WhatIsWrong(JsonException e) => e.InnerException switch
    {
        InvalidOperationException half when half.Message.Contains("UTF-16", StringComparison.Ordinal) => Refusal.BadText,
        InvalidOperationException or FormatException => Refusal.BadFrame,
        null when e.Path == "$" => Refusal.BadFrame,
        _ => Refusal.BadJson,
    };

    // The exception handler has put the error page's path in the place of the one that was asked for.
    private static PathString PathOf(HttpContext context) =>
        // As it stands: the conversion from text would decode it once more.
        context.Features.Get<IExceptionHandlerPathFeature>() is { Path: var path } ? new PathString(path) : context.Request.Path;

    // What runs further in sets the language for itself only; what was refused before that was not asked for its own.
    private static void SpeakAsReader(HttpContext context) =>
        CultureInfo.CurrentUICulture = context.Features.Get<IRequestCultureFeature>()?.RequestCulture.UICulture
            ?? (AcceptLanguage.Match(context.Request) is { } language ? CultureInfo.GetCultureInfo(language) : CultureInfo.CurrentUICulture);

    private string Text(int status)
    {
        var text = texts[$"Text.{status}"];
        return text.ResourceNotFound ? texts[status >= 500 ? "Text.500" : "Text.400"] : text;
    }

    private static string CodeOf(int status) => status switch
    {
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        413 => "too_large",
        415 => "unsupported_media_type",
        429 => "rate_limited",
        503 => "busy",
        >= 500 => "internal_error",
        _ => "bad_request",
    };

    [LoggerMessage(Level = LogLevel.Error, EventName = "request_failed", Message = "{Method} {Endpoint} failed")]
    private static partial void LogFailed(ILogger logger, string method, string endpoint, Exception e);
}

/// <summary>Marks the resources with the texts of the error pages.</summary>
public sealed class ErrorText;
