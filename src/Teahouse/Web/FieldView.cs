namespace Teahouse.Web;

/// <summary>One labelled input for the partial <c>Web/_Field.cshtml</c>. The value a reader sent and its errors come from the model
/// state under <paramref name="Name"/>.</summary>
/// <param name="Name">The form field's name on the wire.</param>
/// <param name="Label">Localised.</param>
public sealed record FieldView(string Name, string Label)
{
    /// <summary>The input's type; <c>password</c> gets a button that shows it and is never filled again.</summary>
    public string Type { get; init; } = "text";

    /// <summary>What the field holds before the reader changes it.</summary>
    public string? Value { get; init; }

    /// <summary>Localised help below the label.</summary>
    public string? Hint { get; init; }

    /// <summary>The <c>autocomplete</c> token, such as <c>username</c> or <c>new-password</c>.</summary>
    public string Autocomplete { get; init; } = "off";

    public bool Required { get; init; }
    public bool Autofocus { get; init; }

    /// <summary>0 for no limit.</summary>
    public int MaxLength { get; init; }

    /// <summary>More than 1 makes a text area.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>Accounts' names are suggested while one types.</summary>
    public bool SuggestsUsers { get; init; }

    /// <summary>The property of an Alpine component that holds what is typed; null for none.</summary>
    public string? Bind { get; init; }

    /// <summary>Names and addresses are not prose: no spelling marks, no capital at the start.</summary>
    public bool IsName { get; init; }
}
