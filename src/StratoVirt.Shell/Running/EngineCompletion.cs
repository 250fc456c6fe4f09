using System.Management.Automation;
using System.Management.Automation.Runspaces;
using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Running;

/// <summary>The engine's own completion, in the line editor's terms, and file names where it has nothing.</summary>
internal sealed class EngineCompletion(Runspace runspace)
{
    public CompletionSet Complete(string text, int cursor)
    {
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        CommandCompletion completion;
        try
        {
            completion = CommandCompletion.CompleteInput(text, cursor, null, shell);
        }
        catch (RuntimeException)
        {
            // A completer of some module failed; the line stays as it is.
            return CompletionSet.None;
        }
        if (completion.CompletionMatches.Count == 0)
            return PathCompletion.Complete(text, cursor, runspace.SessionStateProxy.Path.CurrentFileSystemLocation.Path);
        return new CompletionSet(completion.ReplacementIndex, completion.ReplacementLength,
            [.. completion.CompletionMatches.Select(match => new CompletionChoice(TextOf(match), match.ListItemText))]);
    }

    private static string TextOf(CompletionResult match)
    {
        string text = match.CompletionText;
        bool isOpenFolder = match.ResultType == CompletionResultType.ProviderContainer
            && text.Length > 0 && text[^1] is not ('\'' or '"' or '/');
        return isOpenFolder ? text + '/' : text;
    }
}
