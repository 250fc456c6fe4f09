using Microsoft.Win32.SafeHandles;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// Unpacked kernels on disk, known by their payload's key, so that only the first start of a kernel pays
/// for unpacking it. Safe for any number of processes: an entry appears whole, by a rename, or not at all.
/// </summary>
/// <remarks>
/// An entry is trusted when its header is sound, names the key asked for and announces the length the file has.
/// Its content is not hashed again: that would cost what the cache saves. It was verified against the payload's own
/// checksums when it was written, was on disk before it got its name, and lies in a directory only its owner can
/// write to, who could as well replace the kernel. What does not parse as a kernel is dropped and made again.
/// </remarks>
internal sealed class KernelCache
{
    /// <summary>Entries kept: the kernels of one host, some generations of each.</summary>
    private const int MaxEntries = 16;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly string _directory;

    /// <summary>Uses a directory, which is created when the first kernel is kept.</summary>
    public KernelCache(string directory) => _directory = directory;

    /// <summary>The unpacked kernel if it is here and sound, else null.</summary>
    public BootFile? Find(BzImagePayload payload, ReadOnlySpan<byte> key)
    {
        string path = PathOf(key);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            if (KernelCacheHeader.IsSound(handle, key, payload.UnpackedLength))
            {
                // Pruning goes by age since the last use.
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                BootFile found = BootFile.FromHandle(payload.KernelName, handle, KernelCacheHeader.Length);
                handle = null;
                return found;
            }

            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Not there, not ours or not readable: the kernel is unpacked again, which needs no cache.
            return null;
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Unpacks a kernel and keeps it. Where the directory cannot be written, it is unpacked into memory.</summary>
    /// <exception cref="MachineException">The payload is damaged.</exception>
    public BootFile Add(BzImagePayload payload, ReadOnlySpan<byte> key)
    {
        try
        {
            Directory.CreateDirectory(_directory, OwnerOnly);
            string path = PathOf(key);
            string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
            try
            {
                Write(payload, key, temporary);
                File.Move(temporary, path, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }

            FileDescriptor.SyncDirectory(_directory);
            Prune();
            return BootFile.FromHandle(payload.KernelName, File.OpenHandle(path), KernelCacheHeader.Length);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return payload.UnpackToMemory();
        }
    }

    /// <summary>Forgets a kernel.</summary>
    public void Remove(ReadOnlySpan<byte> key)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The entry stays and is refused again next time.
        }
    }

    private static void Write(BzImagePayload payload, ReadOnlySpan<byte> key, string path)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            PreallocationSize = KernelCacheHeader.Length + payload.UnpackedLength,
        };
        using FileStream stream = new(path, options);
        stream.Position = KernelCacheHeader.Length;
        payload.Unpack(stream);
        stream.Position = 0;
        stream.Write(KernelCacheHeader.Build(key, payload.UnpackedLength));
        stream.Flush(flushToDisk: true);
    }

    // Another process may prune at the same moment, or have an entry open: deleting an open file does not close it.
    private void Prune()
    {
        FileInfo[] files = new DirectoryInfo(_directory).GetFiles("*.vmlinux*");
        IEnumerable<FileInfo> abandoned = files.Where(
            file => file.Name.EndsWith(".tmp", StringComparison.Ordinal) && DateTime.UtcNow - file.LastWriteTimeUtc > AbandonedAfter);
        IEnumerable<FileInfo> oldest = files
            .Where(file => file.Name.EndsWith(".vmlinux", StringComparison.Ordinal))
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .Skip(MaxEntries);
        foreach (FileInfo file in abandoned.Concat(oldest))
        {
            file.Delete();
        }
    }

    private string PathOf(ReadOnlySpan<byte> key) => Path.Combine(_directory, $"{Convert.ToHexStringLower(key)}.vmlinux");
}
