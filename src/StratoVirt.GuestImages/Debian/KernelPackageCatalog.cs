using System.Buffers;
using StratoVirt.GuestImages.Modules;

namespace StratoVirt.GuestImages.Debian;

/// <summary>
/// The modules in a kernel package. A package is one compressed stream without an index of dependencies, so one pass
/// reads what every module says about itself, and <see cref="Load"/> makes a second one for those needed.
/// </summary>
internal sealed class KernelPackageCatalog : IModuleCatalog
{
    // Debian's full kernel has some 4000.
    private const int ModuleLimit = 65536;

    private readonly string _package;
    private readonly Dictionary<string, ModuleInfo> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _compressed = new(StringComparer.Ordinal);

    private KernelPackageCatalog(string package) => _package = package;

    /// <inheritdoc/>
    public IReadOnlySet<string> BuiltIn { get; private set; } = new HashSet<string>();

    /// <summary>The kernel's release, as <c>uname -r</c> prints it.</summary>
    public string KernelRelease { get; private set; } = string.Empty;

    /// <summary>Reads a package and writes its kernel image to a file.</summary>
    /// <param name="package">Path of the .deb file.</param>
    /// <param name="kernelPath">Where the kernel image goes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static KernelPackageCatalog Read(string package, string kernelPath, CancellationToken cancellationToken)
    {
        var catalog = new KernelPackageCatalog(package);
        DebianArchive.Visit(
            package,
            (path, size, content) =>
            {
                catalog.Add(path, size, content, kernelPath);
                return true;
            },
            cancellationToken);
        return catalog.KernelRelease.Length > 0
            ? catalog
            : throw new GuestImageException(
                GuestImageErrorId.PackageDamaged,
                $"'{package}' holds no kernel (no boot/vmlinuz-*).",
                "Name a kernel package, for example linux-image-amd64.");
    }

    /// <inheritdoc/>
    public ModuleInfo? Find(string name)
    {
        if (_compressed.TryGetValue(name, out string? path))
        {
            ModuleFile.CheckReadable(path, size: 1);
        }

        return _modules.GetValueOrDefault(name);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Load(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (names.Count == 0)
        {
            return contents;
        }

        var wanted = new HashSet<string>(names, StringComparer.Ordinal);
        DebianArchive.Visit(
            _package,
            (path, size, content) =>
            {
                if (IsModule(path) && ModuleName.OfFile(path) is { } name && wanted.Remove(name))
                {
                    ModuleFile.CheckReadable(path, size);
                    byte[] bytes = new byte[size];
                    content.ReadExactly(bytes);
                    contents.Add(name, bytes);
                }

                return wanted.Count > 0;
            },
            cancellationToken);
        return contents;
    }

    private void Add(string path, long size, Stream content, string kernelPath)
    {
        if (path.StartsWith("boot/vmlinuz-", StringComparison.Ordinal))
        {
            KernelRelease = path["boot/vmlinuz-".Length..];
            using FileStream kernel = File.Create(kernelPath);
            content.CopyTo(kernel);
        }
        else if (path.EndsWith("/modules.builtin", StringComparison.Ordinal) && size <= BuiltInModules.SizeLimit)
        {
            using var text = new StreamReader(content, leaveOpen: true);
            BuiltIn = BuiltInModules.Parse(text);
        }
        else if (IsModule(path) && ModuleName.OfFile(path) is { } name && _modules.Count < ModuleLimit)
        {
            AddModule(name, path, size, content);
        }
    }

    private void AddModule(string name, string path, long size, Stream content)
    {
        if (!path.EndsWith(".ko", StringComparison.Ordinal))
        {
            _compressed.TryAdd(name, path);
            return;
        }

        ModuleFile.CheckReadable(path, size);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)size);
        try
        {
            Span<byte> image = buffer.AsSpan(0, (int)size);
            content.ReadExactly(image);
            _modules.TryAdd(name, ModuleInfoReader.Read(name, image));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsModule(string path) => path.StartsWith("lib/modules/", StringComparison.Ordinal);
}
