using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Messages;
using Teahouse.Projects.Compat;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary><c>/chats/project/&lt;project&gt;/</c>: a visitor's chat with the project's owner, and <c>…/&lt;room&gt;/</c>: any chat of the project. It is the page of a room.</summary>
public sealed class ProjectChatPage(Conversation conversation, ProjectDoor door, BlockVisitor block, OldMessageEncoder encoder, IStringLocalizer<ProjectsText> texts) : ConversationPage(conversation)
{
    /// <summary>Set by every handler that renders the page.</summary>
    public OpenChat Chat { get; private set; } = null!;

    /// <summary>The chat's own address, whichever way it was come by.</summary>
    public string Address => Chat.Pass.Room?.Address ?? Chat.Project.ChatAddress;

    /// <summary>The scripts of system A say so.</summary>
    private bool IsOldScript => Request.Headers.XRequestedWith == "XMLHttpRequest";

    public async Task<IActionResult> OnGetAsync(string project, string? room, long? before, long? after, long? at, CancellationToken ct)
    {
        var (chat, answer) = await door.EnterAsync(HttpContext, project, room, ct);
        if (chat is null)
        {
            return WantsJson ? throw new RefusedException(Refusal.NoSuchRoom) : answer;
        }
        Chat = chat;
        var position = new RoomPosition(before, after, at);
        var page = await ShowAsync(chat.Pass, position, ct);
        // As in system A, whose pages need no script for it.
        await MarkShownReadAsync(chat.Pass, position, ct);
        return page;
    }

    /// <summary>Sends, by system A's forms too; or, with <c>act</c>, blocks the visitor and undoes it.</summary>
    public async Task<IActionResult> OnPostAsync(string project, string? room, ConversationForm form, CancellationToken ct)
    {
        var (chat, answer) = await door.EnterAsync(HttpContext, project, room, ct);
        if (chat is null)
        {
            return IsOldScript || WantsJson ? throw new RefusedException(HttpContext.GetCaller().IsUser ? Refusal.Forbidden : Refusal.SignInFirst) : answer;
        }
        Chat = chat;
        switch (form.Act)
        {
            case "block":
                await block.BlockAsync(chat.Pass, ct);
                return new SeeOtherResult(Address);
            case "unblock":
                await block.UnblockAsync(chat.Pass, ct);
                return new SeeOtherResult(Address);
            default:
                break;
        }
        if (IsOldScript)
        {
            var posted = await PostAsync(chat.Pass, form);
            return new JsonResult(encoder.Encode(posted.Message, isRead: false));
        }
        // System A's form sends nothing when there is nothing, and says nothing of it.
        return string.IsNullOrWhiteSpace(form.Content) && form.Act is null && !WantsJson
            ? new SeeOtherResult(Address)
            : await TakeAsync(chat.Pass, form, Address, ct);
    }

    protected override Task<RoomView> DressAsync(RoomPass pass, RoomView view, CancellationToken ct)
    {
        var project = Chat.Project;
        var owner = project.OwnerName ?? texts["Somebody"].Value;
        return Task.FromResult(view with
        {
            Title = project.Title,
            Heading = Chat.IsOwner ? Chat.Chat.VisitorName ?? texts["Somebody"].Value : null,
            Caption = Chat.IsOwner ? new RoomCaption(project.Title, project.ListAddress) : new RoomCaption(texts["Chat.WithOwner", $"\u2068{owner}\u2069"], project.Address),
            WhyClosed = Chat.Chat.IsBlocked ? texts["Blocked.Composer"].Value : null,
            Members = [.. view.Members.Select(member => member with { Tag = texts[member.IsOwner ? "Proposer" : "Visitor"] })],
        });
    }
}
