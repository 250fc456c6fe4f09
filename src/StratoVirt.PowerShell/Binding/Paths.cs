using System.Collections.ObjectModel;
using System.Management.Automation;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Binding;

/// <summary>Turns the paths a user writes, relative to his location and on any drive, into paths of the file system.</summary>
internal static class Paths
{
    private const string FileSystem = "FileSystem";

    /// <summary>The one file or directory a path names literally, whether it exists or not.</summary>
    public static string Unresolved(SessionState session, string path)
    {
        string resolved = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return RequireFileSystem(provider, path, resolved);
    }

    /// <summary>The files a pattern matches, at least one.</summary>
    public static IReadOnlyList<string> Resolved(SessionState session, string pattern)
    {
        Collection<string> paths;
        ProviderInfo provider;
        try
        {
            paths = session.Path.GetResolvedProviderPathFromPSPath(pattern, out provider);
        }
        catch (ItemNotFoundException missing)
        {
            throw ErrorRecords.Failure(CommandErrorId.FileMissing, $"There is no file '{pattern}'.", "Check the path.", missing);
        }

        foreach (string path in paths)
        {
            RequireFileSystem(provider, pattern, path);
        }

        return paths.Count != 0
            ? paths
            : throw ErrorRecords.Failure(CommandErrorId.FileMissing, $"No file matches '{pattern}'.", "Check the pattern.");
    }

    private static string RequireFileSystem(ProviderInfo provider, string written, string resolved) =>
        provider.Name == FileSystem
            ? resolved
            : throw ErrorRecords.Failure(
                CommandErrorId.PathUnusable,
                $"'{written}' is on the {provider.Name} provider, not in the file system.",
                "Give the path of a file.");
}
