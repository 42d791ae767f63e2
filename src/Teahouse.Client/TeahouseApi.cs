using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Teahouse.Client;

/// <summary>The server's HTTP API, for what needs no open connection. Calls that read, and sends, are repeated by themselves while the server is away, does not answer within
/// <see cref="TeahouseClientOptions.AnswerTimeout"/> or asks to wait; a send is stored once however often it is repeated. Others are repeated only when they came too fast: else nobody knows whether
/// they were done. Thread-safe.</summary>
/// <remarks>With a <see cref="TeahouseClientOptions.Cookie"/> it reads; what changes something needs a <see cref="TeahouseClientOptions.Token"/>, for a page's request token is not at hand here.</remarks>
public sealed partial class TeahouseApi : IDisposable
{
    private const int PageSize = 200;

    private readonly TeahouseClientOptions _options;
    private readonly HttpMessageInvoker? _own;

    /// <param name="options">Where to, as whom; a nickname is no identity here.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public TeahouseApi(TeahouseClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _own = options.Http is null ? new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) : null;
    }

    /// <summary>How often a call is tried in all before its failure is told.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Who the server takes the caller for.</summary>
    public Task<WhoAmI> GetMeAsync(CancellationToken ct = default) => AskAsync(HttpMethod.Get, "me", null, ApiJson.Wire.WhoAmI, ct);

    /// <summary>The rooms one is in or may join, in order of their names, page by page.</summary>
    /// <param name="joinedOnly">Only those one is a member of.</param>
    /// <param name="ct">Ends it.</param>
    public async IAsyncEnumerable<RoomInfo> ListRoomsAsync(bool joinedOnly = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await AskAsync(HttpMethod.Get, $"rooms?limit={PageSize}&joined={(joinedOnly ? "true" : "false")}&after={Uri.EscapeDataString(after)}", null, ApiJson.Wire.RoomPage, ct);
            foreach (var room in page.Rooms)
            {
                yield return room;
            }
            after = page.Next;
        }
    }

    public Task<RoomInfo> GetRoomAsync(string room, CancellationToken ct = default) => AskAsync(HttpMethod.Get, At(room), null, ApiJson.Wire.RoomInfo, ct);

    /// <summary>Makes a room, owned by the caller.</summary>
    /// <exception cref="TeahouseException"><see cref="ErrorCodes.Conflict"/>: the name cannot be had.</exception>
    public Task<RoomInfo> CreateRoomAsync(NewRoom room, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Post, "rooms", JsonContent.Create(room, ApiJson.Wire.NewRoom), ApiJson.Wire.RoomInfo, ct);

    /// <summary>Changes what is given; the rest stays.</summary>
    public Task<RoomInfo> ChangeRoomAsync(string room, RoomChange change, CancellationToken ct = default) =>
        AskAsync(HttpMethod.Patch, At(room), JsonContent.Create(change, ApiJson.Wire.RoomChange), ApiJson.Wire.RoomInfo, ct);

    /// <summary>Deletes a room with all its messages.</summary>
    public Task DeleteRoomAsync(string room, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, At(room), null, ct);

    /// <summary>A room's members in order of their names, page by page.</summary>
    public async IAsyncEnumerable<RoomMember> ListMembersAsync(string room, [EnumeratorCancellation] CancellationToken ct = default)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await AskAsync(HttpMethod.Get, $"{At(room)}/members?limit={PageSize}&after={Uri.EscapeDataString(after)}", null, ApiJson.Wire.MemberPage, ct);
            foreach (var member in page.Members)
            {
                yield return member;
            }
            after = page.Next;
        }
    }

    /// <exception cref="TeahouseException">No such member: <see cref="TeahouseException.Status"/> is 404.</exception>
    public Task<RoomMember> GetMemberAsync(string room, string user, CancellationToken ct = default) => AskAsync(HttpMethod.Get, MemberAt(room, user), null, ApiJson.Wire.RoomMember, ct);

    /// <summary>Adds a member, joins by one's own name, or changes a role.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="role"><c>owner</c>, <c>moderator</c> or <c>member</c>; null: as it is.</param>
    /// <param name="ct">Gives it up.</param>
    public Task<RoomMember> PutMemberAsync(string room, string user, string? role = null, CancellationToken ct = default) => AskAsync(HttpMethod.Put, MemberAt(room, user),
        JsonContent.Create(new MemberChange(role), ApiJson.Wire.MemberChange), ApiJson.Wire.RoomMember, ct, mayRepeat: true);

    /// <summary>Removes a member, or leaves by one's own name.</summary>
    public Task RemoveMemberAsync(string room, string user, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, MemberAt(room, user), null, ct);

    /// <summary>A page of the history.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="range">Which part; none set means the latest.</param>
    /// <param name="ct">Gives it up.</param>
    public async Task<HistoryPage> ReadMessagesAsync(string room, HistoryRange? range = null, CancellationToken ct = default)
    {
        var page = await AskAsync(HttpMethod.Get, $"{At(room)}/messages{(range ?? new()).ToQuery()}", null, ApiJson.Wire.MessagePage, ct);
        return new HistoryPage([.. page.Messages.Select(frame => frame.ToMessage())], page.HasMore, page.Rev, page.Epoch);
    }

    /// <summary>Sends a message and returns it as stored. Repeated under one nonce until it is known to be there.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="text">1 to 8,000 code points, unless the server says otherwise.</param>
    /// <param name="nonce">The message's own id, to repeat a call of an earlier run of the program; null for a new one.</param>
    /// <param name="ct">Gives it up: it may still arrive.</param>
    public async Task<ChatMessage> SendAsync(string room, string text, string? nonce = null, CancellationToken ct = default)
    {
        var body = new NewMessage(text, nonce ?? Guid.CreateVersion7().ToString("N"));
        return (await AskAsync(HttpMethod.Post, $"{At(room)}/messages", JsonContent.Create(body, ApiJson.Wire.NewMessage), ApiJson.Wire.MessageFrame, ct, mayRepeat: true)).ToMessage();
    }

    /// <summary>Gives a message of one's own another text, and returns it as it is then. Everybody who follows the room gets it again, with <see cref="ChatMessage.EditedAt"/>.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="id">The message's <see cref="ChatMessage.Id"/>.</param>
    /// <param name="text">As for <see cref="SendAsync(string, string, string?, CancellationToken)"/>.</param>
    /// <param name="ct">Gives it up: it may still happen.</param>
    /// <exception cref="TeahouseException">Somebody else's (403), or no such message, or one that was removed (404).</exception>
    public async Task<ChatMessage> EditMessageAsync(string room, long id, string text, CancellationToken ct = default) =>
        (await AskAsync(HttpMethod.Patch, MessageAt(room, id), JsonContent.Create(new MessageEdit(text), ApiJson.Wire.MessageEdit), ApiJson.Wire.MessageFrame, ct, mayRepeat: true)).ToMessage();

    /// <summary>Removes a message: its text is gone from everywhere, its number stays.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="id">The message's <see cref="ChatMessage.Id"/>.</param>
    /// <param name="ct">Gives it up: it may still happen.</param>
    /// <exception cref="TeahouseException">Somebody else's, without governing the room (403), or no such message (404).</exception>
    public Task RemoveMessageAsync(string room, long id, CancellationToken ct = default) => DoAsync(HttpMethod.Delete, MessageAt(room, id), null, ct, mayRepeat: true);

    /// <summary>Says that the user has read up to this message.</summary>
    public Task MarkReadAsync(string room, long seq, CancellationToken ct = default) =>
        DoAsync(HttpMethod.Post, $"{At(room)}/read", JsonContent.Create(new ReadUpTo(seq), ApiJson.Wire.ReadUpTo), ct, mayRepeat: true);

    /// <summary>Copies a room's whole history, as it comes, to a stream.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="format"><c>csv</c> or <c>jsonl</c>.</param>
    /// <param name="to">Where; left open.</param>
    /// <param name="ct">Stops it halfway.</param>
    public async Task ExportAsync(string room, string format, Stream to, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        using var response = await SendAsync(HttpMethod.Get, $"{At(room)}/export?format={Uri.EscapeDataString(format)}", null, mayRepeat: true, ct, isStream: true);
        await response.Content.CopyToAsync(to, ct);
    }

    public void Dispose() => _own?.Dispose();

    private async Task<T> AskAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken ct, bool mayRepeat = false)
    {
        using var response = await SendAsync(method, path, body, mayRepeat || method == HttpMethod.Get, ct);
        return await response.Content.ReadFromJsonAsync(type, ct) ?? throw new TeahouseException(ErrorCodes.Closed, "The server's answer is empty.");
    }

    private async Task DoAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct, bool mayRepeat = false) =>
        (await SendAsync(method, path, body, mayRepeat, ct)).Dispose();

    /// <summary>Returns an answer that is a success, read in full unless it is a stream.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, bool mayRepeat, CancellationToken ct, bool isStream = false)
    {
        if (body is not null)
        {
            // Its bytes are needed again when the call is repeated.
            await body.LoadIntoBufferAsync(ct);
        }
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? wait = null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(_options.AnswerTimeout);
            try
            {
                var response = await SendOnceAsync(method, path, body, isStream, limit.Token);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }
                using (response)
                {
                    if (attempt >= Attempts || !MayRepeat(response.StatusCode, mayRepeat))
                    {
                        throw await ReadProblemAsync(response, limit.Token);
                    }
                    wait = response.Headers.RetryAfter?.Delta;
                }
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
            {
                // Perhaps the server is just starting anew.
                if (!mayRepeat || attempt >= Attempts)
                {
                    throw new TeahouseException(ErrorCodes.ConnectionLost, e is OperationCanceledException ? "The server did not answer in time." : e.Message, e);
                }
            }
            await Task.Delay(wait is { } named ? Backoff.Spread(named, Random.Shared.NextDouble()) : Backoff.Next(attempt, _options.FirstRetry, _options.LongestRetry, Random.Shared.NextDouble()), ct);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, string path, HttpContent? body, bool isStream, CancellationToken ct)
    {
        // Not disposed of: that would take the body along, which the next attempt needs.
        var request = new HttpRequestMessage(method, _options.At("api/v1/" + path)) { Content = body };
        Identify(request);
        var http = _options.Http ?? _own!; // Not null: exactly one of the two is set.
        // A client would read a stream to its end first.
        var response = await (http is HttpClient client ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct) : http.SendAsync(request, ct));
        try
        {
            if (!isStream || !response.IsSuccessStatusCode)
            {
                await response.Content.LoadIntoBufferAsync(ct);
            }
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Whoever comes too fast was not heard: every call may be repeated then. Behind any other answer a call may have been done, for a proxy gives it when it lost the server's.</summary>
    private static bool MayRepeat(HttpStatusCode status, bool mayRepeat) => status == HttpStatusCode.TooManyRequests
        || (mayRepeat && status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout);

    private void Identify(HttpRequestMessage request)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_options.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else if (_options.Cookie is { } cookie)
        {
            request.Headers.Add("Cookie", cookie);
        }
    }

    private static async Task<TeahouseException> ReadProblemAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        try
        {
            var problem = await response.Content.ReadFromJsonAsync(ApiJson.Wire.ProblemDetails, ct);
            return new TeahouseException(problem?.Code is { Length: > 0 } code ? code : ErrorCodes.Closed, problem?.Title ?? $"The server answered {status}.") { Status = (int)response.StatusCode };
        }
        catch (System.Text.Json.JsonException e)
        {
            return new TeahouseException(ErrorCodes.Closed, $"The server answered {status}.", e) { Status = (int)response.StatusCode };
        }
    }

    private static string At(string room)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        return $"rooms/{Uri.EscapeDataString(room)}";
    }

    private static string MessageAt(string room, long id) => string.Create(CultureInfo.InvariantCulture, $"{At(room)}/messages/{id}");

    private static string MemberAt(string room, string user)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return $"{At(room)}/members/{Uri.EscapeDataString(user)}";
    }
}
