namespace StratoVirt.GuestImages.Modules;

/// <summary>The modules below a directory such as <c>/lib/modules/6.1.0-56-amd64</c>.</summary>
internal sealed class DirectoryModuleCatalog : IModuleCatalog
{
    // Debian's full kernel has some 4000.
    private const int FileLimit = 65536;

    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    public DirectoryModuleCatalog(string directory, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory))
        {
            throw new GuestImageException(
                GuestImageErrorId.FileUnusable,
                $"There is no module directory '{directory}'.",
                "Name the directory of the kernel's release, for example /lib/modules/6.1.0-56-amd64.");
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            // 'build' and 'source' are links to whole source trees.
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        foreach (string path in Directory.EnumerateFiles(directory, "*.ko*", options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ModuleName.OfFile(path) is { } name)
            {
                _paths.TryAdd(name, path);
            }

            if (_paths.Count > FileLimit)
            {
                throw new GuestImageException(
                    GuestImageErrorId.FileUnusable,
                    $"'{directory}' holds more than {FileLimit} modules.",
                    "Name the directory of one kernel release, for example /lib/modules/6.1.0-56-amd64.");
            }
        }

        BuiltIn = ReadBuiltIn(Path.Combine(directory, "modules.builtin"));
    }

    /// <inheritdoc/>
    public IReadOnlySet<string> BuiltIn { get; }

    /// <inheritdoc/>
    public ModuleInfo? Find(string name) =>
        _paths.TryGetValue(name, out string? path) ? ModuleInfoReader.Read(name, ReadFile(path)) : null;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Load(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            contents.Add(name, ReadFile(_paths[name]));
        }

        return contents;
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            ModuleFile.CheckReadable(path, file.Length);
            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, cause);
        }
    }

    private static IReadOnlySet<string> ReadBuiltIn(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > BuiltInModules.SizeLimit)
            {
                throw new InvalidDataException($"It is larger than {BuiltInModules.SizeLimit} bytes.");
            }

            using var text = new StreamReader(file);
            return BuiltInModules.Parse(text);
        }
        catch (FileNotFoundException)
        {
            // A directory of hand-picked modules has no list; then nothing counts as built in.
            return new HashSet<string>();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unreadable(path, cause);
        }
    }

    private static GuestImageException Unreadable(string path, Exception cause) => new(
        GuestImageErrorId.FileUnusable, $"'{path}' cannot be read.", "Check its permissions.", cause);
}
