using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Teahouse.Rooms;

/// <summary>Puts an operation's refusal beside the form field it is about.</summary>
internal static class RefusalErrors
{
    /// <summary>Adds the refusal's text under the field's name; under none when it is about the whole form.</summary>
    /// <param name="state">Of the page that shows the form.</param>
    /// <param name="e">The refusal.</param>
    /// <param name="texts">What refusals say.</param>
    /// <param name="place">Where instead; null for the field it is about.</param>
    public static void Add(this ModelStateDictionary state, RefusedException e, IStringLocalizer<RefusalText> texts, string? place = null)
    {
        var field = place ?? e.Refusal.Name switch
        {
            nameof(Refusal.BadRoom) or nameof(Refusal.NameTaken) => "name",
            nameof(Refusal.BadTitle) => "title",
            nameof(Refusal.BadTopic) => "topic",
            nameof(Refusal.BadDescription) => "description",
            nameof(Refusal.BadSlug) or nameof(Refusal.SlugTaken) => "slug",
            nameof(Refusal.NotConfirmed) => "confirm",
            nameof(Refusal.NoSuchUser) or nameof(Refusal.AlreadyOwner) or nameof(Refusal.AlreadyMember) or nameof(Refusal.Banned) => "username",
            nameof(Refusal.TypedNameDiffers) => "typed_name",
            nameof(Refusal.BadNickname) or nameof(Refusal.NicknameTaken) => "username",
            _ => "",
        };
        state.AddModelError(field, texts[e.Refusal.Name, [.. e.Arguments]]);
    }
}
