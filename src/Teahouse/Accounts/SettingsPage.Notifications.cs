using Microsoft.AspNetCore.Mvc;

namespace Teahouse.Accounts;

/// <summary>The section of the settings page on what its user is told of.</summary>
public sealed partial class SettingsPage
{
    /// <summary>One of <see cref="NotifyOf"/>.</summary>
    public string Notify { get; private set; } = NotifyOf.All;

    public bool HasSound { get; private set; }

    private async Task<IActionResult> ChangeNotificationsAsync(CancellationToken ct)
    {
        var wanted = Field("notify");
        var sound = Field("sound");
        if (Caller.UserId is not { } userId || !NotifyOf.Choices.Contains(wanted) || sound is not ("" or "on"))
        {
            return BadRequest();
        }
        await services.GetRequiredService<UserStore>().ChangeNotificationsAsync(userId, wanted, sound == "on", ct);
        return Finish("Settings.Saved");
    }
}

/// <summary>What a user may want to be notified of, as it is stored.</summary>
internal static class NotifyOf
{
    /// <summary>Every message.</summary>
    public const string All = "all";

    /// <summary>What calls them by name, and project chats.</summary>
    public const string Mentions = "mentions";

    public const string None = "none";

    public static IReadOnlyList<string> Choices { get; } = [All, Mentions, None];
}
