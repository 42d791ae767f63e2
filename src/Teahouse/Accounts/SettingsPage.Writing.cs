using Microsoft.AspNetCore.Mvc;

namespace Teahouse.Accounts;

/// <summary>The section of the settings page on how its user writes.</summary>
public sealed partial class SettingsPage
{
    /// <summary>Enter breaks the line, and Ctrl + Enter sends.</summary>
    public bool EnterBreaks { get; private set; }

    private async Task<IActionResult> ChangeWritingAsync(CancellationToken ct)
    {
        var enter = Field("enter");
        if (Caller.UserId is not { } userId || enter is not ("send" or "break"))
        {
            return BadRequest();
        }
        await services.GetRequiredService<UserStore>().ChangeWritingAsync(userId, enter == "break", ct);
        return Finish("Settings.Saved");
    }
}
