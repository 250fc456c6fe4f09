namespace StratoVirt.GuestImages.Debian;

/// <summary>
/// The package index that apt is asked about: the host's, or one of our own in the cache for a host whose own is
/// missing or older than the archive. Neither needs root.
/// </summary>
internal sealed class AptIndex
{
    private const string HostLists = "/var/lib/apt/lists";

    private readonly string _directory;

    public AptIndex(string cacheDirectory)
    {
        _directory = Path.Combine(cacheDirectory, "apt");
        Directory.CreateDirectory(_directory);

        // Container images switch off apt's parsed index, which makes every question a matter of seconds.
        Options = ["-o", $"Dir::Cache::pkgcache={Path.Combine(_directory, "host.bin")}", "-o", "Dir::Cache::srcpkgcache="];
    }

    /// <summary>Whether the index in the cache is the one in use.</summary>
    public bool IsPrivate { get; private set; }

    /// <summary>What apt's programs are to be told so that they use the index.</summary>
    public IReadOnlyList<string> Options { get; private set; }

    private string Lists => Path.Combine(_directory, "lists");

    /// <summary>Changes when the index changes: apt renames new lists into the directory.</summary>
    public string Stamp => $"{(IsPrivate ? Lists : HostLists)} {Directory.GetLastWriteTimeUtc(IsPrivate ? Lists : HostLists).Ticks}";

    /// <summary>Where answers may be kept that hold until <see cref="Stamp"/> changes.</summary>
    public string AnswerDirectory => Path.Combine(_directory, "answers");

    /// <summary>Turns to the index in the cache, as it is.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryUsePrivate()
    {
        if (!Directory.Exists(Lists) || !Directory.EnumerateFiles(Lists, "*_Packages*").Any())
        {
            return false;
        }

        UsePrivate();
        return true;
    }

    /// <summary>Fetches the index into the cache and turns to it.</summary>
    /// <exception cref="GuestImageException">It cannot be had.</exception>
    public void UpdatePrivate(IProgress<GuestImageProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new GuestImageProgress("Fetching the package index", -1));
        Directory.CreateDirectory(Path.Combine(Lists, "partial"));
        Directory.CreateDirectory(Path.Combine(_directory, "cache", "archives", "partial"));
        UsePrivate();
        using var apt = ToolProcess.Start("apt-get", [.. Options, "-qq", "update"], null, cancellationToken);
        apt.Output.CopyTo(Stream.Null);
        if (apt.WaitForExit() != 0)
        {
            throw new GuestImageException(
                GuestImageErrorId.DownloadFailed,
                $"Apt could not fetch the package index: {apt.ErrorText}",
                "Check the network and the entries in /etc/apt, or give the kernel with -Kernel and -ModulePath.");
        }
    }

    private void UsePrivate()
    {
        IsPrivate = true;
        Options =
        [
            "-o", $"Dir::State::Lists={Lists}",
            "-o", $"Dir::Cache={Path.Combine(_directory, "cache")}",
            "-o", $"Dir::Cache::pkgcache={Path.Combine(_directory, "private.bin")}",
            "-o", "Dir::Cache::srcpkgcache=",
        ];
    }
}
