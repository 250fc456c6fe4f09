using StratoVirt.Bench.Children;
using StratoVirt.Definitions;
using StratoVirt.GuestImages;
using StratoVirt.Machine;

namespace StratoVirt.Bench.Suites;

/// <summary>
/// The files of the Linux rows, made where there are a network and apt, used where there is a KVM that runs kernels.
/// </summary>
/// <param name="Kernel">Debian's stock bzImage.</param>
/// <param name="Initrd">An initramfs whose first program writes the boot mark.</param>
/// <param name="PlainInitrd">The same without the mark, whose port is q35's power management.</param>
/// <param name="MarkedKernel">The same bzImage with its entry points replaced by the boot mark.</param>
/// <param name="KernelCache">Ours finds the unpacked kernel here.</param>
/// <param name="MarkedKernelCache">The same, with the unpacked kernel's entry point replaced: see <see cref="MarkUnpacked"/>.</param>
/// <param name="Unpacked">The vmlinux inside the bzImage.</param>
/// <param name="MarkedUnpacked">The same with its entry point replaced.</param>
internal sealed record LinuxInputs(
    string Kernel, string Initrd, string PlainInitrd, string MarkedKernel, string KernelCache, string MarkedKernelCache, string Unpacked,
    string MarkedUnpacked)
{
    // The page the cache puts before a kernel.
    private const int CacheHeader = 4096;

    public static LinuxInputs In(string directory) => new(
        Path.Combine(directory, "vmlinuz"),
        Path.Combine(directory, "initrd.img"),
        Path.Combine(directory, "initrd.plain.img"),
        Path.Combine(directory, "vmlinuz.marked"),
        Path.Combine(directory, "cache"),
        Path.Combine(directory, "cache.marked"),
        Path.Combine(directory, "vmlinux"),
        Path.Combine(directory, "vmlinux.marked"));

    /// <summary>Makes the files.</summary>
    public static void Prepare(string directory)
    {
        LinuxInputs inputs = In(directory);
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
        var request = new GuestImageRequest { Kernel = GuestKernel.FromDebian(DebianKernelFlavor.Cloud) };
        GuestImage image = GuestImageBuilder.Build(request);
        File.Copy(image.KernelPath, inputs.Kernel);
        File.Copy(image.InitrdPath, inputs.Initrd);
        File.Copy(GuestImageBuilder.Build(request with { BootMark = false }).InitrdPath, inputs.PlainInitrd);

        Span<byte> unpacked = File.ReadAllBytes(Unpack(inputs.Kernel, inputs.KernelCache)).AsSpan(CacheHeader);
        File.WriteAllBytes(inputs.Unpacked, unpacked);
        EntryMark.WriteOverPvhEntry(unpacked);
        File.WriteAllBytes(inputs.MarkedUnpacked, unpacked);

        byte[] packed = File.ReadAllBytes(inputs.Kernel);
        EntryMark.WriteOverBzImageEntries(packed);
        File.WriteAllBytes(inputs.MarkedKernel, packed);
    }

    /// <summary>Unpacks the marked kernel into its cache and marks what came out. A cache knows a kernel by which file it
    /// is, so this is done where the file is booted.</summary>
    public void MarkUnpacked()
    {
        string entry = Unpack(MarkedKernel, MarkedKernelCache);
        byte[] cached = File.ReadAllBytes(entry);
        EntryMark.WriteOverPvhEntry(cached.AsSpan(CacheHeader));
        File.WriteAllBytes(entry, cached);
    }

    // Building a machine is what unpacks its kernel into the cache.
    private static string Unpack(string kernel, string cache)
    {
        if (Directory.Exists(cache))
        {
            Directory.Delete(cache, recursive: true);
        }

        VmDefinition machine = new BootInputs(kernel, "", "", LinuxSuite.MemoryMib, cache).ToDefinition("prepare");
        VirtualMachine.Create(machine, new MachineEnvironment { KernelCache = cache }).Dispose();
        return Directory.GetFiles(cache, "*.vmlinux") is [var entry]
            ? entry
            : throw new BenchException($"{cache} holds not 1 kernel: was {kernel} not unpacked?");
    }
}
