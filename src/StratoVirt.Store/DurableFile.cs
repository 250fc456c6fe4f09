using StratoVirt.Linux.Handles;

namespace StratoVirt.Store;

/// <summary>Replaces files so that a crash at any point leaves the old content or the new, never a mixture.</summary>
internal static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Name of a temporary file beside the real one begins so; leftovers of a crash are known by it.</summary>
    internal const string TemporaryPrefix = ".tmp-";

    /// <summary>Writes a temporary file, flushes it, gives it its name, and flushes the directory.</summary>
    /// <exception cref="IOException">The file system refused; the old content is still there.</exception>
    internal static void Write(string path, ReadOnlySpan<byte> content, Action<StoreStep>? onStep)
    {
        string directory = Path.GetDirectoryName(path)!;
        string temporary = Path.Combine(directory, TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            }))
            {
                file.Write(content);
                onStep?.Invoke(StoreStep.FileWritten);
                file.Flush(flushToDisk: true);
            }

            onStep?.Invoke(StoreStep.FileSynced);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        onStep?.Invoke(StoreStep.FileRenamed);
        FileDescriptor.SyncDirectory(directory);
    }

    /// <summary>Deletes temporary files and directories that a crash left in a directory.</summary>
    internal static void Sweep(string directory)
    {
        foreach (string leftover in Directory.EnumerateFiles(directory, TemporaryPrefix + "*"))
        {
            File.Delete(leftover);
        }

        foreach (string leftover in Directory.EnumerateDirectories(directory, TemporaryPrefix + "*"))
        {
            Directory.Delete(leftover, recursive: true);
        }
    }
}
