using System.Globalization;

namespace StratoVirt.GuestImages.Debian;

/// <summary>
/// Packages fetched through apt into a cache, without root and without installing anything. Apt checks the signature of
/// its index and the hash of the file; the hash is checked here again, on every use of the cached file.
/// </summary>
internal sealed class DebianPackageSource(string cacheDirectory, IProgress<GuestImageProgress>? progress)
{
    // A meta package leads to the versioned one in one step; two more leave room for transitional packages.
    private const int DependencyDepth = 3;
    private const int RecordLimit = 1024 * 1024;

    private readonly string _packages = Path.Combine(cacheDirectory, "packages");
    private readonly Lazy<AptIndex> _index = new(() => new AptIndex(cacheDirectory));
    private bool _updated;

    private AptIndex Index => _index.Value;

    /// <summary>Finds the package with the kernel that a meta package stands for, or the package itself.</summary>
    public DebianPackage FindKernel(string name, CancellationToken cancellationToken)
    {
        DebianPackage package = Find(name, version: null, cancellationToken);
        for (int depth = 0; depth < DependencyDepth; depth++)
        {
            if (package.FindDependency("linux-image-") is not { } next)
            {
                return package;
            }

            package = Find(next.Name, next.Version, cancellationToken);
        }

        throw new GuestImageException(
            GuestImageErrorId.PackageNotFound,
            $"'{name}' leads through {DependencyDepth} packages to no kernel.",
            "Name a kernel package, for example linux-image-amd64.");
    }

    /// <summary>Finds the version of a package that apt would install, or the one asked for.</summary>
    public DebianPackage Find(string name, string? version, CancellationToken cancellationToken)
    {
        if (!DebianPackage.IsValidName(name))
        {
            throw new GuestImageException(
                GuestImageErrorId.InvalidRequest,
                $"'{name}' is no package name.",
                "Name a kernel package, for example linux-image-amd64.");
        }

        DebianPackage? found = Show(name, version, cancellationToken);
        if (found is null && !Index.IsPrivate && Index.TryUsePrivate())
        {
            found = Show(name, version, cancellationToken);
        }

        if (found is null && TryUpdate(cancellationToken))
        {
            found = Show(name, version, cancellationToken);
        }

        return found ?? throw new GuestImageException(
            GuestImageErrorId.PackageNotFound,
            $"Apt knows no package '{name}'{(version is null ? "" : $" in version {version}")}.",
            "Check the name and the entries in /etc/apt, or give the kernel with -Kernel and -ModulePath.");
    }

    /// <summary>Returns the path of the package's file, downloading it unless the cache has it.</summary>
    public string Fetch(DebianPackage package, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_packages, package.Sha256 + ".deb");
        if (File.Exists(path) && Matches(path, package, cancellationToken))
        {
            return path;
        }

        using var staging = StagingDirectory.Create(_packages);
        if (!TryDownload(package, staging.Path, cancellationToken, out string complaint))
        {
            throw new GuestImageException(
                GuestImageErrorId.DownloadFailed,
                $"Apt could not download {package.Name} {package.Version}: {complaint}",
                "Check the network and the entries in /etc/apt, or give the kernel with -Kernel and -ModulePath.");
        }

        string[] files = Directory.GetFiles(staging.Path, "*.deb");
        if (files.Length != 1 || !Matches(files[0], package, cancellationToken))
        {
            throw new GuestImageException(
                GuestImageErrorId.ChecksumMismatch,
                $"The file downloaded for {package.Name} {package.Version} is not the one the signed index describes.",
                "Try again; if it happens again, distrust the mirror named in /etc/apt.");
        }

        File.Move(files[0], path, overwrite: true);
        return path;
    }

    private bool TryDownload(
        DebianPackage package, string directory, CancellationToken cancellationToken, out string complaint)
    {
        string status = $"Downloading {package.Name} {package.Version}";
        progress?.Report(new GuestImageProgress(status, 0));
        using var apt = ToolProcess.Start(
            "apt-get",
            [.. Index.Options, "-qq", "-o", "APT::Status-Fd=1", "download", $"{package.Name}={package.Version}"],
            directory,
            cancellationToken);
        while (apt.OutputText.ReadLine() is { } line)
        {
            // "dlstatus:1:42.1234:Retrieving file 1 of 1" (apt, README.progress-reporting).
            string[] parts = line.Split(':', 4);
            if (parts.Length == 4 && parts[0] == "dlstatus"
                && double.TryParse(parts[2], CultureInfo.InvariantCulture, out double percent))
            {
                progress?.Report(new GuestImageProgress(status, (int)Math.Clamp(percent, 0, 100)));
            }
        }

        bool succeeded = apt.WaitForExit() == 0;
        complaint = succeeded ? string.Empty : apt.ErrorText;
        return succeeded;
    }

    /// <summary>
    /// What the index says about a package. Answers are kept, because apt takes most of a second for each, and many
    /// where the processor is emulated.
    /// </summary>
    private DebianPackage? Show(string name, string? version, CancellationToken cancellationToken)
    {
        string target = version is null ? name : $"{name}={version}";
        string path = Path.Combine(Index.AnswerDirectory, ContentHash.OfFacts([target, Index.Stamp]));
        if (File.Exists(path) && DebianPackage.Parse(File.ReadAllText(path)) is { } kept)
        {
            return kept;
        }

        using var apt = ToolProcess.Start(
            "apt-cache", [.. Index.Options, "show", "--no-all-versions", target], null, cancellationToken);
        var text = new char[RecordLimit];
        int length = apt.OutputText.ReadBlock(text);
        if (length == RecordLimit || apt.WaitForExit() != 0
            || DebianPackage.Parse(new string(text, 0, length)) is not { } package)
        {
            return null;
        }

        using var staging = StagingDirectory.Create(Index.AnswerDirectory);
        string answer = Path.Combine(staging.Path, "answer");
        File.WriteAllText(answer, new string(text, 0, length));
        File.Move(answer, path, overwrite: true);
        return package;
    }

    /// <summary>
    /// Fetches a new index, once: one older than the archive names files that are gone, and what is found must then be
    /// found again.
    /// </summary>
    /// <returns>False if that has been done before.</returns>
    public bool TryUpdate(CancellationToken cancellationToken)
    {
        if (_updated)
        {
            return false;
        }

        _updated = true;
        Index.UpdatePrivate(progress, cancellationToken);
        return true;
    }

    private static bool Matches(string path, DebianPackage package, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        return file.Length == package.Size
            && ContentHash.OfStream(file, cancellationToken) == package.Sha256;
    }
}
