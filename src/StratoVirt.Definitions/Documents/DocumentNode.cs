namespace StratoVirt.Definitions.Documents;

/// <summary>
/// A document as it was written, before anything is known about what it means: the common ground of YAML and JSON.
/// Each node knows where it begins, line and column from 1.
/// </summary>
internal abstract record DocumentNode(int Line, int Column);

/// <summary>A scalar.</summary>
/// <param name="Text">Its text, quotes and escapes resolved.</param>
/// <param name="IsPlain">Written without quotes, so that it may mean a number, a boolean or nothing.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
internal sealed record ScalarNode(string Text, bool IsPlain, int Line, int Column) : DocumentNode(Line, Column);

/// <summary>Keys and values in the order written, doubles included.</summary>
internal sealed record MappingNode(IReadOnlyList<MappingEntry> Entries, int Line, int Column) : DocumentNode(Line, Column);

/// <summary>One key and its value.</summary>
internal readonly record struct MappingEntry(ScalarNode Key, DocumentNode Value);

/// <summary>A list.</summary>
internal sealed record SequenceNode(IReadOnlyList<DocumentNode> Items, int Line, int Column) : DocumentNode(Line, Column);
