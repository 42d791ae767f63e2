using Teahouse.Messages;

namespace Teahouse.Tests.Messages;

[Trait("Transport", "Any")]
public sealed class LinkPiecesTests
{
    [Fact]
    public void An_address_inside_Han_text_ends_at_its_punctuation()
    {
        var pieces = LinkPieces.Of("請看 https://example.org/茶?a=1，謝謝");

        Assert.Equal([new("請看 ", null), new("https://example.org/茶?a=1", "https://example.org/茶?a=1"), new("，謝謝", null)], pieces);
    }

    [Fact]
    public void A_closing_mark_belongs_to_the_sentence_and_nothing_is_lost()
    {
        const string Text = "see (http://a.example/x). javascript:alert(1) http:// end";

        var pieces = LinkPieces.Of(Text).ToList();

        Assert.Equal(Text, string.Concat(pieces.Select(piece => piece.Text)));
        Assert.Equal(["http://a.example/x"], pieces.Where(piece => piece.Href is not null).Select(piece => piece.Href!));
    }
}
