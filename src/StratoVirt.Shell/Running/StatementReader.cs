using System.Management.Automation.Language;
using System.Text;
using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Running;

/// <summary>Reads statements, asking for more lines while the parser finds one incomplete.</summary>
internal static class StatementReader
{
    // As the engine's own parser, which gives up on deeper nesting long before.
    private const int MaxLines = 100_000;

    /// <param name="readLine">Reads a line; told what was read of the statement so far.</param>
    public static EditResult Read(Func<string, EditResult> readLine)
    {
        var statement = new StringBuilder();
        for (int lines = 0; lines < MaxLines; lines++)
        {
            var line = readLine(statement.ToString());
            if (line.Kind == EditKind.EndOfInput && statement.Length > 0)
                return new EditResult(EditKind.Accepted, statement.ToString());
            if (line.Kind != EditKind.Accepted)
                return line;
            statement.Append(line.Text);
            string text = statement.ToString();
            if (!IsIncomplete(text))
                return new EditResult(EditKind.Accepted, text);
            statement.Append('\n');
        }
        return new EditResult(EditKind.Accepted, statement.ToString());
    }

    public static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out var errors);
        return errors.Any(error => error.IncompleteInput);
    }
}
