using System.Management.Automation.Language;
using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Running;

/// <summary>Completes file names itself: the engine does it with Get-ChildItem, which this host has not.</summary>
internal static class PathCompletion
{
    // A folder with more entries of one beginning is not completed by looking at a list.
    private const int MaxChoices = 1000;

    private const string EndsWord = " \t|;(){}=,&<>\"'`@$";

    /// <param name="text">The line.</param>
    /// <param name="cursor">The cursor in it.</param>
    /// <param name="folder">What relative names are relative to.</param>
    public static CompletionSet Complete(string text, int cursor, string folder)
    {
        int start = cursor;
        while (start > 0 && !EndsWord.Contains(text[start - 1], StringComparison.Ordinal))
            start--;
        string word = text[start..cursor];
        // An open quote belongs to the word that is replaced: the completed name brings its own.
        if (start > 0 && text[start - 1] is '\'' or '"')
            start--;
        int slash = word.LastIndexOf('/') + 1;
        string parent = word[..slash], name = word[slash..];
        try
        {
            return new CompletionSet(start, cursor - start, [.. Choices(parent, name, folder).Take(MaxChoices)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CompletionSet.None;
        }
    }

    private static IOrderedEnumerable<CompletionChoice> Choices(string parent, string name, string folder)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string rooted = parent.StartsWith("~/", StringComparison.Ordinal) ? home + parent[1..] : parent;
        return new DirectoryInfo(Path.Combine(folder, rooted)).EnumerateFileSystemInfos()
            .Where(entry => entry.Name.StartsWith(name, StringComparison.Ordinal)
                && (name.Length > 0 || entry.Name[0] != '.'))
            .Select(entry => new CompletionChoice(Quoted(parent + entry.Name + Suffix(entry)), entry.Name + Suffix(entry)))
            .OrderBy(choice => choice.Label, StringComparer.Ordinal);
    }

    private static string Suffix(FileSystemInfo entry) => Directory.Exists(entry.FullName) ? "/" : "";

    private static string Quoted(string path) =>
        path.Any(c => EndsWord.Contains(c, StringComparison.Ordinal) || c is '[' or ']' or '#')
            ? $"'{CodeGeneration.EscapeSingleQuotedStringContent(path)}'"
            : path;
}
