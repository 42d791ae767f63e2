namespace Teahouse.Cli.Doctor;

/// <summary>How it stands with one part.</summary>
internal enum Health
{
    Ok,

    /// <summary>Not asked for by the settings.</summary>
    Off,

    /// <summary>It works, and a person should look at it.</summary>
    Warn,

    /// <summary>It does not work.</summary>
    Fail,
}

/// <summary>What a check has found; <paramref name="Detail"/> is one line.</summary>
internal sealed record Finding(string Name, Health State, string Detail)
{
    public static Finding Ok(string name, string detail) => new(name, Health.Ok, detail);

    public static Finding Off(string name, string detail) => new(name, Health.Off, detail);

    public static Finding Warn(string name, string detail) => new(name, Health.Warn, detail);

    public static Finding Fail(string name, string detail) => new(name, Health.Fail, detail.ReplaceLineEndings(" ").Trim());
}
