using System.Reflection;

namespace StratoVirt.Architecture.Tests;

/// <summary>The checkout's files, build output left out.</summary>
internal static class Repository
{
    private static readonly HashSet<string> NotOurs = ["artifacts", "bin", "obj", ".git"];

    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == "RepositoryRoot").Value!;

    public static IReadOnlyList<ProjectFile> Projects { get; } =
        [.. Files("src", ".csproj").Concat(Files("tests", ".csproj")).Select(path => new ProjectFile(path))];

    /// <summary>Paths relative to the root, in order.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Walk(new DirectoryInfo(Path.Combine(Root, folder)))
            .Where(file => extensions.Contains(file.Extension))
            .Select(file => Path.GetRelativePath(Root, file.FullName))
            .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder)
    {
        // bin/ at the root is a link into the build output.
        if (!folder.Exists || folder.LinkTarget is not null)
            return [];
        return folder.EnumerateFiles()
            .Concat(folder.EnumerateDirectories().Where(child => !NotOurs.Contains(child.Name)).SelectMany(Walk));
    }
}
