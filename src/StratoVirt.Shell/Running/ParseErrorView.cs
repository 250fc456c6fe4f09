using System.Management.Automation.Language;
using System.Text;

namespace StratoVirt.Shell.Running;

/// <summary>Syntax errors in the shape of the engine's concise view, which shows none of its own: the records of
/// syntax errors in typed text carry no position, and the view fails on them.</summary>
internal static class ParseErrorView
{
    // The first errors explain the rest.
    private const int MaxShown = 5;

    public static string Render(IReadOnlyList<ParseError> errors)
    {
        var text = new StringBuilder();
        foreach (var error in errors.Take(MaxShown))
            Append(text, error);
        if (errors.Count > MaxShown)
            text.AppendLine($"... and {errors.Count - MaxShown} more errors");
        return text.ToString().TrimEnd();
    }

    private static void Append(StringBuilder text, ParseError error)
    {
        var start = error.Extent.StartScriptPosition;
        var end = error.Extent.EndScriptPosition;
        string line = (start.Line ?? "").TrimEnd('\r', '\n');
        int column = Math.Clamp(start.ColumnNumber - 1, 0, line.Length);
        int length = end.LineNumber == start.LineNumber ? end.ColumnNumber - start.ColumnNumber : line.Length - column;
        string file = string.IsNullOrEmpty(error.Extent.File) ? "" : $"{error.Extent.File}:{start.LineNumber}";
        text.AppendLine($"ParserError: {file}")
            .AppendLine("Line |")
            .AppendLine($"{start.LineNumber,4} | {line}")
            .Append("     | ").Append(' ', column).Append('~', Math.Max(1, length)).AppendLine()
            .AppendLine($"     | {error.Message}");
    }
}
