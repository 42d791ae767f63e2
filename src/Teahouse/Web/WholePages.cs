using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Teahouse.Web;

/// <summary>Sends a page as a whole, or in few large pieces: Razor writes 16 KiB at a time, each of which would wake the connection and be sent as four packets.</summary>
internal sealed class WholePages : IAsyncResultFilter
{
    public async Task OnResultExecutionAsync(ResultExecutingContext context, ResultExecutionDelegate next)
    {
        if (context.Result is not (PageResult or PartialViewResult or ViewComponentResult))
        {
            await next();
            return;
        }
        var features = context.HttpContext.Features;
        var wire = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var page = new PageStream(wire, context.HttpContext.Response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(page, wire));
        try
        {
            var executed = await next();
            if (executed.Exception is null || executed.ExceptionHandled)
            {
                await page.EndAsync(context.HttpContext.RequestAborted);
            }
        }
        finally
        {
            features.Set(wire);
        }
    }
}

/// <summary>Collects what is written and hands it on when it is much, or all.</summary>
internal sealed class PageStream(IHttpResponseBodyFeature wire, HttpResponse response) : Stream
{
    private const int PieceBytes = 64 * 1024;

    private readonly byte[] _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private int _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_length == _piece.Length)
            {
                await SendAsync(cancellationToken);
            }
            var count = Math.Min(buffer.Length, _piece.Length - _length);
            buffer[..count].CopyTo(_piece.AsMemory(_length));
            _length += count;
            buffer = buffer[count..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Pages are written asynchronously.");

    // Whoever wants it sent at once does not know that more is coming.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    /// <summary>Sends what is left; nothing more may be written.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        if (!response.HasStarted)
        {
            response.ContentLength ??= _length;
        }
        await SendAsync(ct);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ArrayPool<byte>.Shared.Return(_piece);
        }
        base.Dispose(disposing);
    }

    private async Task SendAsync(CancellationToken ct)
    {
        await wire.StartAsync(ct);
        // Asked for at once, it is one piece of memory and so one packet to the system.
        _piece.AsSpan(0, _length).CopyTo(wire.Writer.GetSpan(_length));
        wire.Writer.Advance(_length);
        _length = 0;
        await wire.Writer.FlushAsync(ct);
    }
}
