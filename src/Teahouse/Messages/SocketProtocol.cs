using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>What both socket protocols share: parsing, errors, pacing. One per connection, used by its reading loop.</summary>
internal abstract partial class SocketProtocol(Connection connection, SocketServices services)
{
    /// <summary>Refusals for going too fast, each within the time the one before asked to wait, before the socket is closed: a client that heeds them never comes near.</summary>
    private const int MaxWarnings = 100;

    /// <summary>Frames of any kind for each message that may be sent.</summary>
    private const int FramesPerMessage = 10;

    private readonly CultureInfo _culture = CultureInfo.CurrentUICulture;
    private readonly (int PerSecond, int Burst) _pace = connection.Caller.IsUser
        ? (services.Settings.MessagesPerSecond, services.Settings.MessagesBurst)
        : (services.Settings.GuestMessagesPerSecond, services.Settings.GuestMessagesBurst);
    private string? _limitKey;
    private double _frameBudget = double.MaxValue;
    private long _budgetAt = services.Time.GetTimestamp();
    private int _warnings;
    private long _notBefore;

    protected Connection Connection { get; } = connection;

    protected SocketServices Services { get; } = services;

    /// <summary>The <see cref="HandleText"/> of this connection. The first await is over what must keep the client's order.</summary>
    public async ValueTask<Task> HandleAsync(ReadOnlyMemory<byte> text)
    {
        JsonElement? frame = null;
        try
        {
            TakeFrame();
            using var document = Parse(text);
            frame = document.RootElement;
            return await ActAsync(document.RootElement);
        }
        catch (RefusedException e)
        {
            Refuse(e, frame is null && e.Refusal != Refusal.RateLimited ? null : EchoOf(text));
        }
#pragma warning disable CA1031 // Whatever it is, it must not take the socket with it, and its sender must know.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(Services.Log, e);
            Refuse(new RefusedException(Refusal.Busy), frame is null ? null : EchoOf(text));
        }
        return Task.CompletedTask;
    }

    /// <summary>Acts on one object. What it returns may still be under way; its errors are its own.</summary>
    protected abstract ValueTask<Task> ActAsync(JsonElement frame);

    /// <summary>Writes the error as this protocol says it.</summary>
    protected abstract void SendError(string code, string message, TimeSpan? retryAfter, Echo? echo);

    /// <summary>Takes the right to post one message (SPEC 8).</summary>
    protected void TakeMessage(Caller author)
    {
        if (Connection.IsDraining)
        {
            // Its ack might not reach it any more; refused, it is surely not stored.
            throw new RefusedException(Refusal.Busy);
        }
        Services.Limits.TakeMessage(author, Connection.Address, _limitKey ??= string.Create(CultureInfo.InvariantCulture, $"c:{Connection.Id}"));
    }

    /// <summary>Awaits a post and tells its sender how it went.</summary>
    protected async Task FinishAsync(Task<Posted> post, Echo echo, Action<Posted> done)
    {
        Connection.BeginActing();
        try
        {
            done(await post);
        }
        catch (RefusedException e)
        {
            Refuse(e, echo);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(Services.Log, e);
            Refuse(new RefusedException(Refusal.Busy), echo);
        }
        finally
        {
            Connection.EndActing();
        }
    }

    protected void Refuse(RefusedException e, Echo? echo)
    {
        if (e.Refusal == Refusal.RateLimited && IsFlooding(e.RetryAfter ?? TimeSpan.Zero))
        {
            Connection.Close(CloseCode.Flooding);
            return;
        }
        SendError(e.Refusal.Code, Describe(e.Refusal, e.Arguments), e.RetryAfter, echo);
    }

    /// <summary>The refusal's text in the language the socket was opened in.</summary>
    protected string Describe(Refusal refusal, IReadOnlyList<object> arguments)
    {
        CultureInfo.CurrentUICulture = _culture;
        return Services.Texts[refusal.Name, [.. arguments]];
    }

    /// <summary>A string field; null when absent.</summary>
    /// <exception cref="RefusedException">It is something else, or holds a lone surrogate.</exception>
    protected static string? Text(JsonElement frame, string name)
    {
        if (!frame.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        if (value.ValueKind != JsonValueKind.String)
        {
            throw new RefusedException(Refusal.BadFrame);
        }
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // \ud800 alone: JSON allows to write it, Unicode does not have it.
            throw new RefusedException(Refusal.BadText);
        }
    }

    /// <summary>A whole number; null when absent.</summary>
    protected static long? Number(JsonElement frame, string name) =>
        !frame.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw new RefusedException(Refusal.BadFrame);

    protected static string? Nonce(JsonElement frame) => Text(frame, "nonce") switch
    {
        null => null,
        { } nonce when PostMessage.IsNonce(nonce) => nonce,
        _ => throw new RefusedException(Refusal.BadFrame),
    };

    private static JsonDocument Parse(ReadOnlyMemory<byte> text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw new RefusedException(Refusal.BadJson);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }
        document.Dispose();
        throw new RefusedException(Refusal.BadFrame);
    }

    /// <summary>What an error frame repeats of the frame it answers, so far as it can be read.</summary>
    private static Echo? EchoOf(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = Parse(text);
            return new Echo(Try(document.RootElement, "room"), Try(document.RootElement, "nonce"));
        }
        catch (RefusedException)
        {
            return null;
        }

        static string? Try(JsonElement frame, string name)
        {
            try
            {
                return Text(frame, name) is { Length: <= 256 } value ? value : null;
            }
            catch (RefusedException)
            {
                return null;
            }
        }
    }

    /// <summary>Pays for one frame of whatever kind, so that pings and nonsense are limited like messages.</summary>
    private void TakeFrame()
    {
        if (_pace.PerSecond == 0)
        {
            return;
        }
        var now = Services.Time.GetTimestamp();
        var earned = Services.Time.GetElapsedTime(_budgetAt, now).TotalSeconds * _pace.PerSecond * FramesPerMessage;
        _frameBudget = Math.Min(_frameBudget + earned, Math.Max(1, _pace.Burst) * FramesPerMessage);
        _budgetAt = now;
        if (_frameBudget < 1)
        {
            throw new RefusedException(Refusal.RateLimited) { RetryAfter = TimeSpan.FromSeconds(1) };
        }
        _frameBudget--;
    }

    private bool IsFlooding(TimeSpan retryAfter)
    {
        var now = Services.Time.GetTimestamp();
        var heeded = now >= _notBefore;
        _notBefore = now + (long)(retryAfter.TotalSeconds * Services.Time.TimestampFrequency);
        return !heeded && ++_warnings > MaxWarnings;
    }

    /// <summary>The fields of a client's frame that its error carries back.</summary>
    protected internal sealed record Echo(string? Room, string? Nonce);

    [LoggerMessage(Level = LogLevel.Error, EventName = "frame_failed", Message = "A client's frame could not be acted on")]
    private static partial void LogFailed(ILogger logger, Exception e);
}

/// <summary>What the socket protocols need of the rest.</summary>
internal sealed record SocketServices(
    Settings Settings,
    Db Db,
    TimeProvider Time,
    RateLimits Limits,
    RoomAccess Access,
    PostMessage Post,
    MarkRead Read,
    RoomFeeds Feeds,
    MessageEncoder Encoder,
    Nicknames Nicknames,
    Sessions Sessions,
    IStringLocalizer<RefusalText> Texts,
    ILogger<SocketProtocol> Log)
{
    public string Epoch => Db.Epoch;
}
