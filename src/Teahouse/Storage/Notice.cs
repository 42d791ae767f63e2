namespace Teahouse.Storage;

/// <summary>Something that every node must act on, because what it holds open or remembers is no longer so. Acting on one twice, or late, must do no more harm than closing a socket too many.</summary>
/// <param name="Kind">What happened; each kind belongs to one <see cref="INoticeHandler"/>.</param>
public sealed record Notice(string Kind)
{
    /// <summary>Whom or what it happened to.</summary>
    public long Id { get; init; }

    /// <summary>The same, for what has no number.</summary>
    public string? Key { get; init; }

    /// <summary>The visitors it happened to: the one with this cookie, and those of this address.</summary>
    public string? Guest { get; init; }

    public string? Address { get; init; }

    /// <summary>The avatar colour somebody chose.</summary>
    public long? Colour { get; init; }

    /// <summary>Whom it does not concern; null where the kind knows no exceptions.</summary>
    public IReadOnlyList<long>? Except { get; init; }
}

/// <summary>Acts on notices of some kinds and ignores the others. Called after the commit; must be quick and must not throw.</summary>
public interface INoticeHandler
{
    void Handle(Notice notice);
}
