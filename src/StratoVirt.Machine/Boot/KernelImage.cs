using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.Unpacking;

namespace StratoVirt.Machine.Boot;

/// <summary>
/// A kernel that was opened, recognised and checked: an ELF image, a bzImage that unpacks itself in the guest, or a
/// raw binary. A closed set: <see cref="ElfKernel"/>, <see cref="BzImageKernel"/>, <see cref="RawKernel"/>. Addresses
/// are checked against the file and the machine's layout here, against the guest's memory when it is loaded.
/// </summary>
internal abstract class KernelImage : IDisposable
{
    private protected KernelImage(BootFile file) => File = file;

    /// <summary>The bytes.</summary>
    public BootFile File { get; }

    /// <summary>First guest physical address behind all the memory it needs before it reads the memory map.</summary>
    public abstract ulong End { get; }

    /// <summary>Longest command line it takes, in bytes, without the terminating NUL.</summary>
    public virtual int CommandLineMax => 2047;

    /// <summary>Highest address its initrd may reach.</summary>
    public virtual ulong InitrdAddressMax => X64.Layout.InitrdAddressMax;

    /// <summary>
    /// Opens a kernel. The payload of a bzImage is unpacked here, on the host, where that takes a fraction of the time
    /// it takes the guest; one compressed in a way this host cannot unpack is left to its own decompressor.
    /// </summary>
    /// <param name="path">The file. Recognised by content; only a name ending in <c>.bin</c> makes a file that is
    /// neither ELF nor bzImage a raw binary.</param>
    /// <param name="cache">Keeps unpacked kernels between starts; null unpacks into memory, each time.</param>
    /// <exception cref="MachineException">The file cannot be read, or is no kernel for this machine.</exception>
    public static KernelImage Open(string path, KernelCache? cache)
    {
        BootFile file = BootFile.Open(path, MachineErrorId.KernelMissing, "kernel");
        KernelImage image = Recognise(file);
        KernelImage? unpacked = null;
        try
        {
            unpacked = KernelUnpacking.IsSupported && image is BzImageKernel compressed ? compressed.Unpack(cache) : image;
            return unpacked;
        }
        finally
        {
            if (unpacked != image)
            {
                image.Dispose();
            }
        }
    }

    /// <summary>Recognises a kernel and takes ownership of its file, which is closed when it is none.</summary>
    /// <exception cref="MachineException">It is no kernel for this machine.</exception>
    public static KernelImage Recognise(BootFile file)
    {
        try
        {
            return ImageFormat.Detect(file) switch
            {
                ImageKind.Elf => ElfKernel.Parse(file),
                ImageKind.BzImage => BzImageKernel.Parse(file),
                _ => new RawKernel(file),
            };
        }
        catch (IOException failure)
        {
            file.Dispose();
            throw KernelFault.Unreadable(file.Name, failure);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Dispose();
        GC.SuppressFinalize(this);
    }
}
