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
            catch (NotSupportedException e)
            {
                throw new BadHttpRequestException("The form is in an encoding that is not read.", StatusCodes.Status415UnsupportedMediaType, e);
            }
            // The web server's own refusals say what they are.
            catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
            {
                throw new BadHttpRequestException("The form cannot be read.", e);
            }
        }
        await next(context);
    });
}
