namespace Teahouse.Web;

/// <summary>Reads a form before anything asks for its fields, so that one that is too large or broken is answered as such. Antiforgery, the first to ask otherwise,
/// would call it forged.</summary>
internal static class FormBodies
{
    public static void UseFormBodies(this WebApplication app) => app.Use(async (context, next) =>
    {
        // The error page of such a request runs through here again.
        if (context.Request.HasFormContentType && !Problems.IsBeingExplained(context))
        {
            try
            {
                await context.Request.ReadFormAsync(context.RequestAborted);
            }
            catch (InvalidDataException e)
            {
                throw new BadHttpRequestException("The form cannot be read.", e);
            }
        }
        await next(context);
    });
}
