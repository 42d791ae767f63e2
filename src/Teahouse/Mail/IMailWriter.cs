using System.Text.Json;

namespace Teahouse.Mail;

/// <summary>Writes letters of one kind in the moment they are sent, so that what they tell is still so, and no link in them lies in the outbox. A singleton of its feature.</summary>
internal interface IMailWriter
{
    /// <summary>Unique, and the same for ever: rows of the outbox know it by this.</summary>
    string Kind { get; }

    /// <summary>The letter; null when there is nobody to write to any more, or nothing to say.</summary>
    Task<Letter?> WriteAsync(MailOrder order, CancellationToken ct);
}

/// <summary>What was asked for.</summary>
/// <param name="Id">The row's; the same however often the letter is tried.</param>
/// <param name="Content">As it was given to the <see cref="MailOutbox"/>.</param>
internal sealed record MailOrder(long Id, JsonElement Content)
{
    /// <summary>The content as what it was when it was given.</summary>
    public T Read<T>() => Content.Deserialize<T>() ?? throw new JsonException("The content of a mail is null.");
}

/// <summary>A letter in plain text.</summary>
/// <param name="To">One address, as people type it.</param>
/// <param name="Subject">One line.</param>
/// <param name="Body">Lines, ended by \n.</param>
internal sealed record Letter(string To, string Subject, string Body);
