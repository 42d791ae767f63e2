using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;

namespace Teahouse.Web;

/// <summary>Markup written as an interpolated string: the literal parts are HTML, whatever stands in braces is encoded. For the few places where Razor is too slow; everywhere
/// else the markup is a view.</summary>
[InterpolatedStringHandler]
public readonly ref struct HtmlMarkup
{
    private readonly TextWriter _writer;
    private readonly HtmlEncoder _encoder;

    /// <summary>Called by the compiler: the counts are of no use here.</summary>
    public HtmlMarkup(int literalLength, int formattedCount, TextWriter writer, HtmlEncoder encoder)
    {
        _ = literalLength + formattedCount;
        (_writer, _encoder) = (writer, encoder);
    }

    public void AppendLiteral(string markup) => _writer.Write(markup);

    public void AppendFormatted(string? text) => _encoder.Encode(_writer, text ?? "");

    public void AppendFormatted(long number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        _writer.Write(digits[..length]);
    }

    /// <summary>Writes <paramref name="markup"/> to <paramref name="writer"/>.</summary>
    public static void Write(TextWriter writer, HtmlEncoder encoder, [InterpolatedStringHandlerArgument(nameof(writer), nameof(encoder))] HtmlMarkup markup) => _ = markup._writer;
}
