using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>The frames of <c>teahouse.v1</c> about messages and rooms.</summary>
internal static class V1Frames
{
    private static readonly string Server = "teahouse/" + (typeof(V1Frames).Assembly.GetName().Version?.ToString(3) ?? "0");

    public static byte[] Hello(Caller caller, string epoch, Settings settings) => ControlFrames.Write("hello", json =>
    {
        if (caller.Kind == CallerKind.Anonymous)
        {
            json.WriteNull("user"u8);
        }
        else
        {
            json.WriteString("user"u8, caller.Username);
        }
        json.WriteBoolean("guest"u8, caller.IsGuest);
        json.WriteString("epoch"u8, epoch);
        json.WriteString("server"u8, Server);
        json.WriteNumber("heartbeat_s"u8, settings.Heartbeat.TotalSeconds);
        json.WriteStartObject("limits"u8);
        json.WriteNumber("message_chars"u8, settings.MessageChars);
        json.WriteNumber("frame_bytes"u8, settings.FrameBytes);
        json.WriteNumber("messages_per_second"u8, caller.IsUser ? settings.MessagesPerSecond : settings.GuestMessagesPerSecond);
        json.WriteNumber("burst"u8, caller.IsUser ? settings.MessagesBurst : settings.GuestMessagesBurst);
        json.WriteNumber("nonce_chars"u8, PostMessage.MaxNonceLength);
        json.WriteNumber("rooms"u8, V1Protocol.MaxRooms);
        json.WriteEndObject();
    });

    public static byte[] Subscribed(string room, CaughtUp caught, string epoch, (int Count, IReadOnlyList<string> Names) online, MessageEncoder encoder) =>
        ControlFrames.Write("subscribed", json =>
        {
            json.WriteString("room"u8, room);
            json.WriteNumber("rev"u8, caught.Rev);
            json.WriteString("epoch"u8, epoch);
            json.WriteNumber("last_seq"u8, caught.LastSeq);
            json.WriteNumber("last_read_seq"u8, caught.LastReadSeq);
            json.WriteNumber("members_online"u8, online.Count);
            json.WriteStartArray("online"u8);
            foreach (var name in online.Names)
            {
                json.WriteStringValue(name);
            }
            json.WriteEndArray();
            json.WriteStartArray("messages"u8);
            foreach (var message in caught.Messages)
            {
                encoder.Write(json, message, room);
            }
            json.WriteEndArray();
            json.WriteBoolean("reset"u8, caught.Reset);
        });

    /// <summary>The first event of a stream.</summary>
    /// <param name="room">Which.</param>
    /// <param name="head">The room as it is.</param>
    /// <param name="from">The revision after which events follow.</param>
    /// <param name="epoch">The history's name.</param>
    /// <param name="reset">What the reader has is not of this history.</param>
    public static byte[] Joined(string room, CaughtUp head, long from, string epoch, bool reset) => ControlFrames.Write("subscribed", json =>
    {
        json.WriteString("room"u8, room);
        json.WriteNumber("rev"u8, from);
        json.WriteString("epoch"u8, epoch);
        json.WriteNumber("last_seq"u8, head.LastSeq);
        json.WriteNumber("last_read_seq"u8, head.LastReadSeq);
        json.WriteBoolean("reset"u8, reset);
    });

    public static byte[] Ack(Message message, string room, string? nonce) => ControlFrames.Write("ack", json =>
    {
        json.WriteString("room"u8, room);
        if (nonce is not null)
        {
            json.WriteString("nonce"u8, nonce);
        }
        json.WriteNumber("id"u8, message.Id);
        json.WriteNumber("seq"u8, message.Seq);
        json.WriteNumber("rev"u8, message.Rev);
    });

    /// <summary>A heartbeat of one room, for those who may not listen to it: there is something new.</summary>
    public static byte[] Head(string room, long rev) => ControlFrames.Write("heartbeat", json =>
    {
        json.WriteStartObject("rooms"u8);
        json.WriteNumber(room, rev);
        json.WriteEndObject();
    });

    /// <summary>What a room is now, for those who show its name and whether one may write in it.</summary>
    public static EncodedEvent Room(Room room, bool archived) =>
        new(0, default, WireFrame.Encode(WireFrame.Text, ControlFrames.Write("room", json =>
        {
            json.WriteString("room"u8, room.Name);
            json.WriteString("title"u8, room.Title);
            json.WriteString("topic"u8, room.Topic);
            json.WriteString("access"u8, room.Access.ToText());
            json.WriteBoolean("archived"u8, archived);
        })));

    public static byte[] Typing(string room, string user) => ControlFrames.Write("typing", json =>
    {
        json.WriteString("room"u8, room);
        json.WriteString("user"u8, user);
    });
}
