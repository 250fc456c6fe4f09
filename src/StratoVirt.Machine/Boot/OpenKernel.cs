using Microsoft.Win32.SafeHandles;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine.Boot.Unpacking;

namespace StratoVirt.Machine.Boot;

/// <summary>
/// A kernel as an open file, to be handed to another process. Who opens it unpacks it too: the process that runs the
/// machine then needs neither the kernel's path nor decoders.
/// </summary>
public sealed class OpenKernel : IDisposable
{
    /// <summary>Takes over an open file.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="file">The file.</param>
    /// <param name="start">Where in it the kernel begins, in bytes.</param>
    public OpenKernel(string name, FileDescriptor file, long start)
    {
        Name = name;
        File = file;
        Start = start;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>The file.</summary>
    public FileDescriptor File { get; }

    /// <summary>Where in it the kernel begins, in bytes.</summary>
    public long Start { get; }

    /// <summary>Opens a kernel, recognises it, and unpacks it where it is packed.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cache">Directory that keeps unpacked kernels, or null.</param>
    /// <exception cref="MachineException">It is missing, damaged, or no kernel for this machine.</exception>
    public static OpenKernel Open(string path, string? cache)
    {
        using KernelImage image = KernelImage.Open(path, cache is null ? null : new KernelCache(cache));
        return image.File.TryDuplicate(out FileDescriptor? file, out long start)
            ? new OpenKernel(image.File.Name, file!, start)
            : new OpenKernel(image.File.Name, CopyToMemory(image.File), 0);
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    /// <summary>The kernel as the machine reads it, which takes the file over.</summary>
    internal KernelImage Recognise()
    {
        var handle = new SafeFileHandle(File.Number, ownsHandle: true);
        File.SetHandleAsInvalid();
        return KernelImage.Recognise(BootFile.FromHandle(Name, handle, Start));
    }

    // Where no cache can be written, the unpacked kernel lies in this process's own memory.
    private static MemFd CopyToMemory(BootFile kernel)
    {
        MemFd copy = MemFd.Create("kernel", 0, sealSize: false);
        byte[] buffer = new byte[1 << 20];
        for (long at = 0; at < kernel.Length; at += buffer.Length)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, kernel.Length - at));
            Errno errno = kernel.TryRead(at, part) ? copy.WriteAll(part) : Errno.InputOutput;
            if (errno != Errno.None)
            {
                copy.Dispose();
                throw new MachineException(
                    MachineErrorId.MemoryUnavailable,
                    $"The kernel '{kernel.Name}' cannot be unpacked into memory.",
                    "Make the kernel cache writable, or free memory.",
                    new LinuxException("write", errno, "kernel"));
            }
        }

        return copy;
    }
}
