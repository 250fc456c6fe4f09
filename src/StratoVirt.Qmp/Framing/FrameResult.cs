namespace StratoVirt.Qmp.Framing;

/// <summary>What came of a piece of input.</summary>
public enum FrameResult
{
    /// <summary>All input is taken, and no message is complete.</summary>
    NeedsMore,

    /// <summary>A message is complete; behind it there may be more input.</summary>
    Message,

    /// <summary>A message is longer than allowed; the rest of its line is skipped.</summary>
    TooLong,

    /// <summary>A message is nested deeper than allowed; the rest of its line is skipped.</summary>
    TooDeep,

    /// <summary>A string holds a control character, so that its end cannot be told; the rest of the line is skipped.</summary>
    BrokenString,
}
