using System.Buffers.Binary;
using System.Text;

namespace Teahouse.Realtime;

/// <summary>An event as it travels between nodes: the sending node, the revision, what is to be forgotten, and both frames as clients get them, so that no node encodes what another has encoded.</summary>
internal static class BackplaneEvent
{
    private const int NodeLength = 16;
    private const int ForgetsAt = NodeLength + sizeof(long);
    private const int PlainAt = ForgetsAt + sizeof(long);
    private const int Header = PlainAt + sizeof(int);

    /// <param name="node">16 ASCII characters.</param>
    /// <param name="item">What is sent.</param>
    public static byte[] Write(string node, EncodedEvent item)
    {
        var bytes = new byte[Header + item.Plain.Length + item.V1.Length];
        Encoding.ASCII.GetBytes(node, bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(NodeLength), item.Rev);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(ForgetsAt), item.Forgets);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(PlainAt), item.Plain.Length);
        item.Plain.CopyTo(bytes.AsMemory(Header));
        item.V1.CopyTo(bytes.AsMemory(Header + item.Plain.Length));
        return bytes;
    }

    /// <summary>Null for what is no event.</summary>
    public static (string Node, EncodedEvent Item)? Read(byte[] bytes)
    {
        if (bytes.Length < Header)
        {
            return null;
        }
        var plain = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(PlainAt));
        if (plain < 0 || plain > bytes.Length - Header)
        {
            return null;
        }
        return (Encoding.ASCII.GetString(bytes, 0, NodeLength), new EncodedEvent(
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(NodeLength)),
            bytes.AsMemory(Header, plain),
            bytes.AsMemory(Header + plain))
        {
            Forgets = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(ForgetsAt)),
        });
    }
}
