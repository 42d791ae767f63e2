using Teahouse.Messages;
using Teahouse.Rooms;

namespace Teahouse.Projects;

/// <summary>The rules for what people write about a project.</summary>
public static class ProjectInput
{
    /// <summary>Longest title, in Unicode code points.</summary>
    public const int MaxTitle = RoomInput.MaxTitle;

    /// <summary>Longest description, in Unicode code points.</summary>
    public const int MaxDescription = 5000;

    /// <exception cref="RefusedException"><see cref="Refusal.BadTitle"/>, also for none.</exception>
    public static string Title(string? text) =>
        RoomInput.Title(text, "") is { Length: > 0 } title ? title : throw new RefusedException(Refusal.BadTitle, MaxTitle);

    /// <summary>The description as stored; empty for none.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadDescription"/>.</exception>
    public static string Description(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "";
        }
        try
        {
            return MessageText.Parse(text, MaxDescription);
        }
        catch (RefusedException)
        {
            throw new RefusedException(Refusal.BadDescription, MaxDescription);
        }
    }

    /// <summary>Null when none was asked for.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadSlug"/>, <see cref="Refusal.SlugTaken"/>.</exception>
    public static string? Slug(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null
        : !ProjectSlug.TryParse(text, out var slug) ? throw new RefusedException(Refusal.BadSlug, ProjectSlug.MaxLength)
        : ProjectSlug.IsReserved(slug) ? throw new RefusedException(Refusal.SlugTaken)
        : slug;
}
