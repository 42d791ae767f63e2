namespace Teahouse.Accounts;

/// <summary>A registered account, as a row of <c>users</c>. Mutable because ASP.NET Core Identity edits it before it is stored.</summary>
public sealed class User
{
    public long Id { get; set; }

    /// <summary>As its owner wrote it, in NFKC.</summary>
    public string Username { get; set; } = "";

    public string DisplayName { get; set; } = "";

    /// <summary>As <see cref="Web.AvatarView"/> counts them; null: that of the name.</summary>
    public long? AvatarColour { get; set; }

    /// <summary>Null: nobody can sign in with a password.</summary>
    public string? PasswordHash { get; set; }

    public string SecurityStamp { get; set; } = "";

    /// <summary>The stamp in the database when the row was read: who stores must have seen the latest credentials.</summary>
    public string StoredStamp { get; set; } = "";

    public bool IsAdmin { get; set; }

    /// <summary>Where mail reaches them, for nobody's eyes but theirs and administrators'; null: nowhere. Several accounts may share one.</summary>
    public string? Email { get; set; }

    /// <summary>One of <see cref="Web.Languages.Supported"/>; null: as the browser asks.</summary>
    public string? Language { get; set; }

    /// <summary>IANA name; null: the browser's zone.</summary>
    public string? TimeZone { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Since when nobody may sign in as this user; null: may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When it is deleted by its owner's wish, unless they sign in before; null: it is not.</summary>
    public DateTimeOffset? DeletesAt { get; set; }

    /// <summary>On what ground a new account is made. Not stored.</summary>
    internal Admission Admission { get; init; } = Admission.Open;

    /// <summary>Set when the password was changed on purpose, not only hashed anew. Not stored.</summary>
    internal PasswordChange? PasswordChange { get; set; }
}

/// <summary>Why an account may be made; checked in the same transaction that makes it.</summary>
internal abstract record Admission
{
    /// <summary>Anybody may (<c>SIGNUP=open</c>).</summary>
    public static Admission Open { get; } = new Anyone();

    /// <summary>There is no account yet.</summary>
    public static Admission First { get; } = new NobodyYet();

    public sealed record Anyone : Admission;

    public sealed record NobodyYet : Admission;

    /// <summary>The holder of an unused, unexpired invite, by the hash of its token.</summary>
    public sealed record Invited(string TokenHash) : Admission;

    /// <summary>An administrator does it; goes to the audit log under <paramref name="Actor"/>.</summary>
    public sealed record ByAdministrator(string Actor) : Admission;
}

/// <summary>A password change: all sessions end but <paramref name="KeptSessionId"/>.</summary>
/// <param name="KeptSessionId">The session it was done in; null ends them all.</param>
/// <param name="Actor">The administrator who did it, for the audit log; null when its owner did.</param>
internal sealed record PasswordChange(long? KeptSessionId, string? Actor)
{
    /// <summary>The token of the link by which it is done, and without which it is not; null: by other means.</summary>
    public string? Link { get; init; }
}
