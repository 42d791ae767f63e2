using System.Buffers;
using System.Text.Json;

namespace Teahouse.Realtime;

/// <summary>A JSON writer and the memory it writes to, which a thread keeps from one frame to the next.</summary>
internal sealed class JsonScratch : IDisposable
{
    /// <summary>Memory that has grown past this is not kept.</summary>
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static JsonScratch? t_idle;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    private JsonScratch() => Json = new Utf8JsonWriter(_buffer, ControlFrames.Options);

    public Utf8JsonWriter Json { get; }

    /// <summary>How much is written and flushed.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>What is written and flushed; valid until the scratch is disposed of.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>Takes the thread's own. Disposing of it on the same thread gives it back.</summary>
    public static JsonScratch Take()
    {
        var scratch = t_idle ?? new JsonScratch();
        t_idle = null;
        return scratch;
    }

    public void Dispose()
    {
        if (_buffer.Capacity <= MostKept)
        {
            _buffer.ResetWrittenCount();
            Json.Reset();
            t_idle = this;
        }
    }
}
