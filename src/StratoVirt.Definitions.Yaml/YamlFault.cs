using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Documents;
using YamlDotNet.Core;

namespace StratoVirt.Definitions.Yaml;

/// <summary>Says what is wrong with text that is not well-formed, in the writer's terms rather than the parser's.</summary>
internal static class YamlFault
{
    internal static DefinitionException Explain(YamlException fault, string text, string? fileName)
    {
        int line = Math.Max(1, (int)fault.Start.Line);
        int column = Math.Max(1, (int)fault.Start.Column);
        // Where it names a tab, the parser gives the place of the mapping around it, however far above.
        bool namesTab = fault.Message.Contains("tab", StringComparison.OrdinalIgnoreCase);
        int lastLine = namesTab ? int.MaxValue : Math.Max(line, (int)fault.End.Line) + 1;
        if (FindTabIndentation(text, line, lastLine) is (int tabLine, int tabColumn))
        {
            return DocumentText.Fault(
                DiagnosticId.TabIndentation,
                "This line is indented with a tab: YAML indents with spaces only.",
                tabLine,
                tabColumn,
                fileName,
                "  ",
                fault);
        }

        string reason = fault.Message.TrimEnd('.');
        return DocumentText.Fault(
            DiagnosticId.Syntax, $"This is not valid YAML: {reason}. {Advise(reason)}".TrimEnd(), line, column, fileName, cause: fault);
    }

    private static string Advise(string reason)
    {
        bool Says(string words) => reason.Contains(words, StringComparison.OrdinalIgnoreCase);
        return Says("invalid mapping") || Says("expected key") || Says("not allowed in this context")
            ? "Check the indentation, and that each key has a ':' and a space behind it; quote a value that contains ': '."
            : Says("end of stream") || Says("quoted scalar")
            ? "A quote or bracket that is opened here is not closed."
            : Says("cannot start any token")
            ? "Put the value in quotes."
            : string.Empty;
    }

    /// <summary>The first line of a range whose indentation contains a tab.</summary>
    private static (int Line, int Column)? FindTabIndentation(string text, int firstLine, int lastLine)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (number > lastLine)
            {
                break;
            }

            int content = line.IndexOfAnyExcept(' ', '\t');
            int tab = line.IndexOf('\t');
            if (number >= firstLine && content > 0 && tab >= 0 && tab < content)
            {
                return (number, tab + 1);
            }
        }

        return null;
    }
}
