namespace StratoVirt.Shell.Editing;

/// <summary>How an edit ended.</summary>
internal enum EditKind
{
    /// <summary>Enter.</summary>
    Accepted,

    /// <summary>Ctrl-C.</summary>
    Cancelled,

    /// <summary>Ctrl-D on an empty line.</summary>
    EndOfInput,
}

/// <summary>A finished line; the text is empty unless it was accepted.</summary>
internal readonly record struct EditResult(EditKind Kind, string Text);
