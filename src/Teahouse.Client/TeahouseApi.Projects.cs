using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace Teahouse.Client;

/// <summary>Projects, and their visitors' chats with their proposers.</summary>
public sealed partial class TeahouseApi
{
    /// <summary>Projects, the newest first, page by page.</summary>
    /// <param name="search">A part of the title, slug or description; null for all.</param>
    /// <param name="mineOnly">Only the caller's own.</param>
    /// <param name="ct">Ends it.</param>
    public async IAsyncEnumerable<ProjectInfo> ListProjectsAsync(string? search = null, bool mineOnly = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await AskAsync(HttpMethod.Get, $"projects?limit={PageSize}&mine={(mineOnly ? "true" : "false")}&q={Uri.EscapeDataString(search ?? "")}&after={Uri.EscapeDataString(after)}", null,
                ApiJson.Wire.ProjectPage, ct);
            foreach (var project in page.Projects)
            {
                yield return project;
            }
            after = page.Next;
        }
    }

    public Task<ProjectInfo> GetProjectAsync(string slug, CancellationToken ct = default) => AskAsync(HttpMethod.Get, ProjectAt(slug), null, ApiJson.Wire.ProjectInfo, ct);

    /// <summary>Makes a project whose proposer is the caller.</summary>
    public Task<ProjectInfo> CreateProjectAsync(NewProject project, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Post, "projects", JsonContent.Create(project, ApiJson.Wire.NewProject), ApiJson.Wire.ProjectInfo, ct);

    /// <summary>Changes what is given; the rest stays. With an owner, the project is theirs from then on.</summary>
    public Task<ProjectInfo> ChangeProjectAsync(string slug, ProjectChange change, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Patch, ProjectAt(slug), JsonContent.Create(change, ApiJson.Wire.ProjectChange), ApiJson.Wire.ProjectInfo, ct);

    /// <summary>Deletes a project with its chats and their messages.</summary>
    public Task DeleteProjectAsync(string slug, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, ProjectAt(slug), null, ct);

    /// <summary>The chats of the caller's own project, latest activity first, page by page.</summary>
    public async IAsyncEnumerable<ProjectChat> ListProjectChatsAsync(string slug, bool unreadOnly = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await AskAsync(HttpMethod.Get, $"{ProjectAt(slug)}/chats?limit={PageSize}&unread={(unreadOnly ? "true" : "false")}&after={Uri.EscapeDataString(after)}", null, ApiJson.Wire.ChatPage, ct);
            foreach (var chat in page.Chats)
            {
                yield return chat;
            }
            after = page.Next;
        }
    }

    /// <summary>The caller's own chat with a project's proposer, made at need; its room is for the calls about rooms and messages.</summary>
    public Task<OwnChat> OpenProjectChatAsync(string slug, CancellationToken ct = default) =>
        // Made once however often it is asked for.
        AskAsync(HttpMethod.Post, $"{ProjectAt(slug)}/chats", null, ApiJson.Wire.OwnChat, ct, mayRepeat: true);

    private static string ProjectAt(string slug)
    {
        ArgumentException.ThrowIfNullOrEmpty(slug);
        return $"projects/{Uri.EscapeDataString(slug)}";
    }
}
