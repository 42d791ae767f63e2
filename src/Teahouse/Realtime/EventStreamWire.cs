using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Teahouse.Realtime;

/// <summary>Carries a connection's frames as server-sent events: one way, over an ordinary answer. All else (feeds, limits, stalls, drain, being put out) is the
/// connection's own, as for a socket.</summary>
internal sealed class EventStreamWire : IWire
{
    /// <summary>Bytes of one write: each that goes through is a sign of life.</summary>
    private const int Piece = 64 * 1024;

    private readonly HttpContext _context;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Connection? _connection;

    public EventStreamWire(HttpContext context) => _context = context;

    public IRounds? Rounds => null;

    public int Handle => -1;

    public void Attach(Connection connection) => _connection = connection;

    public void Schedule(Connection connection) => ThreadPool.UnsafeQueueUserWorkItem(connection, preferLocal: false);

    /// <summary>Begins the answer.</summary>
    public Task BeginAsync()
    {
        // The connection's own limits hold from here on, as for a socket.
        if (_context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
        _context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        _context.Response.ContentType = "text/event-stream; charset=utf-8";
        // A proxy that gathers answers would hold every message back.
        _context.Response.Headers["X-Accel-Buffering"] = "no";
        return _context.Response.StartAsync(_context.RequestAborted);
    }

    /// <summary>Returns when the answer has ended, from whichever side. Nothing is read.</summary>
    public async Task RunAsync(HandleText handle)
    {
        var connection = _connection ?? throw new InvalidOperationException("Attach comes first.");
        await using (_context.RequestAborted.UnsafeRegister(static state => ((Connection)state!).Abort(), connection))
        {
            await _ended.Task;
        }
        connection.End();
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        var events = new ArrayBufferWriter<byte>(bytes.Length + 64);
        while (!bytes.IsEmpty)
        {
            var (opcode, header, length) = ReadHeader(bytes.Span);
            WriteEvent(events, opcode, bytes.Span.Slice(header, length));
            bytes = bytes[(header + length)..];
        }
        for (var rest = events.WrittenMemory; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, Piece)..])
        {
            await _context.Response.Body.WriteAsync(rest[..Math.Min(rest.Length, Piece)], ct);
            await _context.Response.Body.FlushAsync(ct);
            // A piece went on its way: slow perhaps, but alive.
            _connection?.SeeTaken();
        }
    }

    public void OnCloseWritten() => _ended.TrySetResult();

    public void Abort()
    {
        _ended.TrySetResult();
        try
        {
            _context.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The request has ended in this moment by itself.
        }
    }

    private void WriteEvent(ArrayBufferWriter<byte> body, int opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case WireFrame.Text:
                WriteText(body, payload);
                break;
            case WireFrame.Ping:
                // Nobody can answer here; a peer that has gone shows in the writing.
                _connection?.SeeLife();
                body.Write(": ping\n\n"u8);
                break;
            case WireFrame.Close:
                var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (int)CloseCode.Normal;
                body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: close\ndata: {{\"code\":{code}}}\n\n")));
                break;
            default:
                break;
        }
    }

    /// <summary>The frame's type is the event's; its revision, the id by which a client resumes; a time to come back, the client's own wait.</summary>
    private static void WriteText(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> json)
    {
        var type = "message";
        long? rev = null;
        long? retry = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.GetString() ?? type;
            }
            else if (reader.ValueTextEquals("rev"u8))
            {
                reader.Read();
                rev = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("retry_ms"u8))
            {
                reader.Read();
                retry = reader.GetInt64();
            }
            else
            {
                reader.Skip();
            }
        }
        var head = new StringBuilder();
        if (rev is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"id: {rev}\n");
        }
        if (retry is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"retry: {retry}\n");
        }
        head.Append(CultureInfo.InvariantCulture, $"event: {type}\ndata: ");
        body.Write(Encoding.UTF8.GetBytes(head.ToString()));
        // One line: line breaks inside texts are escaped.
        body.Write(json);
        body.Write("\n\n"u8);
    }

    /// <summary>The other way round of <see cref="WireFrame.WriteHeader"/>.</summary>
    private static (int Opcode, int Header, int Length) ReadHeader(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        < 126 => (frame[0] & 0x0F, 2, frame[1]),
        126 => (frame[0] & 0x0F, 4, BinaryPrimitives.ReadUInt16BigEndian(frame[2..])),
        _ => (frame[0] & 0x0F, 10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]))),
    };
}
