using System.Buffers.Binary;
using System.Text;

namespace Teahouse.Realtime;

/// <summary>Events of one topic as they travel between nodes: the sending node, and of each its revision, what is to be forgotten, and both frames as clients get them, so that no node encodes
/// what another has encoded.</summary>
internal static class BackplaneEvent
{
    private const int NodeLength = 16;
    private const int ForgetsAt = sizeof(long);
    private const int PlainLengthAt = ForgetsAt + sizeof(long);
    private const int V1LengthAt = PlainLengthAt + sizeof(int);
    private const int Header = V1LengthAt + sizeof(int);

    /// <param name="node">16 ASCII characters.</param>
    /// <param name="items">What is sent.</param>
    public static byte[] Write(string node, IReadOnlyList<EncodedEvent> items)
    {
        var bytes = new byte[NodeLength + items.Sum(static item => Header + item.Plain.Length + item.V1.Length)];
        Encoding.ASCII.GetBytes(node, bytes);
        var rest = bytes.AsSpan(NodeLength);
        foreach (var item in items)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, item.Rev);
            BinaryPrimitives.WriteInt64LittleEndian(rest[ForgetsAt..], item.Forgets);
            BinaryPrimitives.WriteInt32LittleEndian(rest[PlainLengthAt..], item.Plain.Length);
            BinaryPrimitives.WriteInt32LittleEndian(rest[V1LengthAt..], item.V1.Length);
            rest = rest[Header..];
            item.Plain.Span.CopyTo(rest);
            item.V1.Span.CopyTo(rest[item.Plain.Length..]);
            rest = rest[(item.Plain.Length + item.V1.Length)..];
        }
        return bytes;
    }

    /// <summary>True for what this node has sent itself.</summary>
    public static bool IsOf(string node, ReadOnlySpan<byte> bytes) => bytes.Length >= NodeLength && Ascii.Equals(bytes[..NodeLength], node);

    /// <summary>In the order in which they were sent; none for what are no events.</summary>
    public static IReadOnlyList<EncodedEvent> Read(byte[] bytes)
    {
        List<EncodedEvent> items = [];
        for (var at = NodeLength; at < bytes.Length;)
        {
            var head = bytes.AsSpan(at);
            if (head.Length < Header)
            {
                return [];
            }
            var (plain, v1) = (BinaryPrimitives.ReadInt32LittleEndian(head[PlainLengthAt..]), BinaryPrimitives.ReadInt32LittleEndian(head[V1LengthAt..]));
            if (plain < 0 || v1 < 0 || (long)plain + v1 > head.Length - Header)
            {
                return [];
            }
            at += Header;
            items.Add(new EncodedEvent(BinaryPrimitives.ReadInt64LittleEndian(head), bytes.AsMemory(at, plain), bytes.AsMemory(at + plain, v1))
            {
                Forgets = BinaryPrimitives.ReadInt64LittleEndian(head[ForgetsAt..]),
            });
            at += plain + v1;
        }
        return items;
    }
}
