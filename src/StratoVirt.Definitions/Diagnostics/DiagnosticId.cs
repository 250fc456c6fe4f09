namespace StratoVirt.Definitions.Diagnostics;

/// <summary>
/// The stable identifiers of everything that can be wrong with a definition. They are contract: scripts match on them
/// (as <c>StratoVirt.UnknownKey</c>); an id is never renamed or reused.
/// </summary>
public enum DiagnosticId
{
    /// <summary>The document is not UTF-8.</summary>
    NotUtf8,
    /// <summary>The document is longer than any definition can sensibly be.</summary>
    TooLarge,
    /// <summary>The document nests deeper than any definition does.</summary>
    TooDeep,
    /// <summary>A character that YAML does not allow in a document.</summary>
    InvalidCharacter,
    /// <summary>A line is indented with a tab.</summary>
    TabIndentation,
    /// <summary>The document is not well-formed.</summary>
    Syntax,
    /// <summary>There is nothing in the document.</summary>
    EmptyDocument,
    /// <summary>More than one document in one file.</summary>
    SeveralDocuments,
    /// <summary>A YAML feature that definitions do without: anchors, aliases, tags, merge keys.</summary>
    UnsupportedFeature,
    /// <summary>A key that means nothing where it stands.</summary>
    UnknownKey,
    /// <summary>A key given twice.</summary>
    DuplicateKey,
    /// <summary>A key that has to be there is not.</summary>
    MissingKey,
    /// <summary>A value of another type than the key takes.</summary>
    WrongType,
    /// <summary>The document is for another version of StratoVirt.</summary>
    UnsupportedApiVersion,
    /// <summary>The document describes something other than a virtual machine.</summary>
    UnsupportedKind,
    /// <summary>A value of the right type that means nothing.</summary>
    InvalidValue,
    /// <summary>A number or size outside its bounds.</summary>
    OutOfRange,
    /// <summary>A size that is no multiple of its granule.</summary>
    NotAligned,
    /// <summary>A name no machine may have.</summary>
    InvalidName,
    /// <summary>A label key or value outside the rules.</summary>
    InvalidLabel,
    /// <summary>Two settings that exclude each other.</summary>
    Conflict,
    /// <summary>Neither a kernel nor the built-in guest.</summary>
    MissingBoot,
    /// <summary>A setting that does nothing because of another one.</summary>
    NoEffect,
}
