namespace StratoVirt.GuestImages;

/// <summary>
/// A fresh directory beside its destination, removed with all it holds unless it was published under a final name by
/// one rename: readers see all of it or nothing.
/// </summary>
internal sealed class StagingDirectory : IDisposable
{
    private StagingDirectory(string path) => Path = path;

    /// <summary>Where to put things.</summary>
    public string Path { get; private set; }

    /// <summary>Creates a directory below <paramref name="parent"/>, and the parent if need be.</summary>
    /// <exception cref="GuestImageException">It cannot be written.</exception>
    public static StagingDirectory Create(string parent)
    {
        try
        {
            Directory.CreateDirectory(parent);
            string path = System.IO.Path.Combine(parent, ".staging-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(path);
            return new StagingDirectory(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new GuestImageException(
                GuestImageErrorId.CacheUnwritable,
                $"The cache directory '{parent}' cannot be written.",
                "Name a writable one with -CacheDirectory or in XDG_CACHE_HOME.",
                cause);
        }
    }

    /// <summary>Moves it to its final name. Where another process was first with the same content, its work stays.</summary>
    public void Publish(string destination)
    {
        try
        {
            Directory.Move(Path, destination);
        }
        catch (IOException) when (Directory.Exists(destination))
        {
            return;
        }

        Path = string.Empty;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Path.Length > 0)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
