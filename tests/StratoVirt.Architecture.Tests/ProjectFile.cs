using System.Xml.Linq;

namespace StratoVirt.Architecture.Tests;

/// <summary>A project, with what it refers to.</summary>
internal sealed class ProjectFile
{
    private readonly XElement[] _items;

    public ProjectFile(string path)
    {
        Path = path;
        Folder = System.IO.Path.GetDirectoryName(path)!;
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        // A .targets file beside the project is imported by it and can refer to others just as well.
        _items = [.. Repository.Files(Folder, ".targets", ".props").Prepend(path)
            .SelectMany(file => XDocument.Parse(Repository.Read(file)).Descendants())];
    }

    public string Path { get; }

    public string Folder { get; }

    /// <summary>For instance <c>StratoVirt.Machine</c>.</summary>
    public string Name { get; }

    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    public bool AllowsUnsafe => _items.Any(item =>
        item.Name.LocalName == "AllowUnsafeBlocks" && item.Value.Equals("true", StringComparison.OrdinalIgnoreCase));

    /// <summary>The projects whose assemblies this one sees. One that is only built first (a tool) is not among them.</summary>
    public IEnumerable<string> References => _items
        .Where(item => item.Name.LocalName == "ProjectReference"
            && !"false".Equals(item.Attribute("ReferenceOutputAssembly")?.Value, StringComparison.OrdinalIgnoreCase))
        .Select(item => System.IO.Path.GetFileNameWithoutExtension(item.Attribute("Include")?.Value ?? ""));

    public IEnumerable<string> Packages => _items
        .Where(item => item.Name.LocalName == "PackageReference")
        .Select(item => item.Attribute("Include")?.Value ?? "");

    public IEnumerable<string> Sources => Repository.Files(Folder, ".cs");
}
