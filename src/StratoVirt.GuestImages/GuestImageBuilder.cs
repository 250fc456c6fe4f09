using System.Runtime.InteropServices;
using StratoVirt.GuestImages.Debian;
using StratoVirt.GuestImages.Initramfs;
using StratoVirt.GuestImages.Modules;

namespace StratoVirt.GuestImages;

/// <summary>Makes guest images, and finds those made before.</summary>
public static class GuestImageBuilder
{
    // Part of every key: raised when the same input shall give another image.
    private const string FormatVersion = "1";
    private const string KernelFileName = "vmlinuz";
    private const string InitrdFileName = "initrd.img";
    private const int ModuleLimit = 256;

    /// <summary>
    /// Makes the image, or finds it in the cache by the content of everything that goes into it. Needs no root.
    /// </summary>
    /// <param name="request">What it shall hold.</param>
    /// <param name="progress">Told what is being done; may be null. Called on the calling thread.</param>
    /// <param name="cancellationToken">Ends the work; nothing half-made is left.</param>
    /// <exception cref="GuestImageException">It could not be made; says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static GuestImage Build(
        GuestImageRequest request,
        IProgress<GuestImageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        string cache = Path.GetFullPath(request.CacheDirectory ?? GuestImageCache.DefaultDirectory);
        var packages = new DebianPackageSource(cache, progress);
        try
        {
            return request.Kernel switch
            {
                GuestKernel.DebianPackage kernel =>
                    BuildFromCurrentPackage(request, kernel, cache, packages, progress, cancellationToken),
                GuestKernel.Files kernel =>
                    BuildFromFiles(request, kernel, cache, packages, progress, cancellationToken),
                _ => throw new ArgumentException("Unknown kind of kernel.", nameof(request)),
            };
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new GuestImageException(
                GuestImageErrorId.CacheUnwritable,
                $"A guest image cannot be written below '{cache}'.",
                "Check the space left and the permissions, or name another with -CacheDirectory.",
                cause);
        }
    }

    private static GuestImage BuildFromCurrentPackage(
        GuestImageRequest request,
        GuestKernel.DebianPackage kernel,
        string cache,
        DebianPackageSource packages,
        IProgress<GuestImageProgress>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            return BuildFromPackage(request, kernel, cache, packages, progress, cancellationToken);
        }
        catch (GuestImageException failure) when (failure.Id is GuestImageErrorId.DownloadFailed)
        {
            if (!packages.TryUpdate(cancellationToken))
            {
                throw;
            }

            return BuildFromPackage(request, kernel, cache, packages, progress, cancellationToken);
        }
    }

    private static GuestImage BuildFromPackage(
        GuestImageRequest request,
        GuestKernel.DebianPackage kernel,
        string cache,
        DebianPackageSource packages,
        IProgress<GuestImageProgress>? progress,
        CancellationToken cancellationToken)
    {
        progress?.Report(new GuestImageProgress($"Looking for {kernel.Package}", -1));
        DebianPackage package = packages.FindKernel(kernel.Package, cancellationToken);
        byte[] busyBox = BusyBox.Get(request.BusyBox, packages, cancellationToken);
        string directory = DirectoryOf(cache, request, busyBox, ["package", package.Sha256]);
        if (Find(directory, kernelPath: null) is { } cached)
        {
            return cached;
        }

        string archive = packages.Fetch(package, cancellationToken);
        using var staging = StagingDirectory.Create(Path.GetDirectoryName(directory)!);
        progress?.Report(new GuestImageProgress($"Unpacking {package.Name} {package.Version}", -1));
        KernelPackageCatalog catalog = KernelPackageCatalog.Read(
            archive, Path.Combine(staging.Path, KernelFileName), cancellationToken);
        var modules = Choose(request, catalog);
        var contents = catalog.Load(Names(modules), cancellationToken);
        Write(staging.Path, request, busyBox, modules, contents, progress);
        string source = $"{package.Name} {package.Version}";
        return Publish(staging, directory, new(catalog.KernelRelease, Names(modules), source), kernelPath: null);
    }

    private static GuestImage BuildFromFiles(
        GuestImageRequest request,
        GuestKernel.Files kernel,
        string cache,
        DebianPackageSource packages,
        IProgress<GuestImageProgress>? progress,
        CancellationToken cancellationToken)
    {
        string kernelPath = Path.GetFullPath(kernel.Kernel);
        string release = KernelImageHeader.ReadRelease(kernelPath);
        IModuleCatalog catalog = kernel.ModuleDirectory is { } modulePath
            ? new DirectoryModuleCatalog(Path.GetFullPath(modulePath), cancellationToken)
            : NoModules.Instance;
        var modules = Choose(request, catalog);
        CheckRelease(release, modules);
        byte[] busyBox = BusyBox.Get(request.BusyBox, packages, cancellationToken);
        var contents = catalog.Load(Names(modules), cancellationToken);
        string directory = DirectoryOf(
            cache,
            request,
            busyBox,
            ["files", kernelPath, release, .. modules.SelectMany(m => new[] { m.Name, ContentHash.OfBytes(contents[m.Name]) })]);
        if (Find(directory, kernelPath) is { } cached)
        {
            return cached;
        }

        using var staging = StagingDirectory.Create(Path.GetDirectoryName(directory)!);
        Write(staging.Path, request, busyBox, modules, contents, progress);
        return Publish(staging, directory, new(release, Names(modules), kernelPath), kernelPath);
    }

    private static void Write(
        string directory,
        GuestImageRequest request,
        byte[] busyBox,
        IReadOnlyList<ModuleInfo> modules,
        IReadOnlyDictionary<string, byte[]> contents,
        IProgress<GuestImageProgress>? progress)
    {
        progress?.Report(new GuestImageProgress($"Packing {modules.Count} modules", -1));
        InitramfsWriter.Write(
            Path.Combine(directory, InitrdFileName),
            busyBox,
            InitScript.Create(request.HostName, Names(modules)),
            HasBootMark(request),
            contents);
    }

    private static string DirectoryOf(
        string cache, GuestImageRequest request, byte[] busyBox, IEnumerable<string> kernelFacts)
    {
        // The script with the modules asked for stands for the rest of the request.
        string key = ContentHash.OfFacts(
        [
            FormatVersion,
            InitScript.Create(request.HostName, request.Modules),
            string.Join(' ', request.AdditionalModules),
            InitScript.PowerButtonScript,
            InitScript.ShellSetup,
            HasBootMark(request).ToString(),
            request.SkipMissingModules.ToString(),
            ContentHash.OfBytes(busyBox),
            .. kernelFacts,
        ]);
        return Path.Combine(cache, "images", key[..32]);
    }

    private static GuestImage? Find(string directory, string? kernelPath)
    {
        kernelPath ??= Path.Combine(directory, KernelFileName);
        string initrdPath = Path.Combine(directory, InitrdFileName);
        return GuestImageManifest.TryRead(directory) is { } manifest && File.Exists(kernelPath) && File.Exists(initrdPath)
            ? new GuestImage(kernelPath, initrdPath, manifest.KernelRelease, manifest.Modules, manifest.Source)
            : null;
    }

    private static GuestImage Publish(
        StagingDirectory staging, string directory, GuestImageManifest manifest, string? kernelPath)
    {
        manifest.Write(staging.Path);
        if (Directory.Exists(directory) && Find(directory, kernelPath) is null)
        {
            Directory.Delete(directory, recursive: true);
        }

        staging.Publish(directory);
        return Find(directory, kernelPath)
            ?? throw new IOException($"'{directory}' vanished while it was being written.");
    }

    private static IReadOnlyList<ModuleInfo> Choose(GuestImageRequest request, IModuleCatalog catalog)
    {
        IReadOnlyList<ModuleInfo> first = ModuleSet.Resolve(request.Modules, catalog, request.SkipMissingModules);
        return request.AdditionalModules.Count == 0
            ? first
            : ModuleSet.Resolve([.. Names(first), .. request.AdditionalModules], catalog, skipMissing: false);
    }

    private static string[] Names(IEnumerable<ModuleInfo> modules) => [.. modules.Select(module => module.Name)];

    private static void Check(GuestImageRequest request)
    {
        string[] modules = [.. request.Modules, .. request.AdditionalModules];
        string? wrong =
            modules.Length > ModuleLimit ? $"{modules.Length} modules are more than {ModuleLimit}."
            : Array.Find(modules, name => !ModuleName.IsValid(name)) is { } name ? $"'{name}' is no module name."
            : !IsHostName(request.HostName) ? $"'{request.HostName}' is no host name."
            : null;
        if (wrong is not null)
        {
            throw new GuestImageException(
                GuestImageErrorId.InvalidRequest,
                wrong,
                "Module names are letters, digits, '_' and '-'; host names 1 to 63 letters, digits and '-'.");
        }
    }

    // Port I/O, and the program that does it, are x86_64 only.
    private static bool HasBootMark(GuestImageRequest request) =>
        request.BootMark && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static bool IsHostName(string name) =>
        name.Length is > 0 and <= 63 && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static void CheckRelease(string release, IReadOnlyList<ModuleInfo> modules)
    {
        if (release.Length > 0
            && modules.FirstOrDefault(m => m.KernelRelease.Length > 0 && m.KernelRelease != release) is { } stranger)
        {
            throw new GuestImageException(
                GuestImageErrorId.InvalidRequest,
                $"The kernel is {release}, but module '{stranger.Name}' is for {stranger.KernelRelease}.",
                $"Give the module directory of {release} with -ModulePath.");
        }
    }
}
