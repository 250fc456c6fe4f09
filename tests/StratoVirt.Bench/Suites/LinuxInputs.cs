using StratoVirt.Bench.Children;
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
/// <param name="MarkedKernelCache">The same, with the unpacked kernel's entry point replaced.</param>
/// <param name="Unpacked">The vmlinux inside the bzImage.</param>
internal sealed record LinuxInputs(
    string Kernel, string Initrd, string PlainInitrd, string MarkedKernel, string KernelCache, string MarkedKernelCache, string Unpacked)
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
        Path.Combine(directory, "vmlinux"));

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

        // Building a machine is what unpacks its kernel into the cache.
        var boot = new BootInputs(inputs.Kernel, inputs.Initrd, "", LinuxSuite.MemoryMib, inputs.KernelCache);
        VirtualMachine.Create(boot.ToDefinition("prepare"), new MachineEnvironment { KernelCache = inputs.KernelCache }).Dispose();
        string[] entries = Directory.GetFiles(inputs.KernelCache, "*.vmlinux");
        if (entries is not [var entry])
        {
            throw new BenchException($"{inputs.KernelCache} holds {entries.Length} kernels, not 1: was {inputs.Kernel} not unpacked?");
        }

        byte[] cached = File.ReadAllBytes(entry);
        File.WriteAllBytes(inputs.Unpacked, cached.AsSpan(CacheHeader));
        Directory.CreateDirectory(inputs.MarkedKernelCache);
        EntryMark.WriteOverPvhEntry(cached.AsSpan(CacheHeader));
        File.WriteAllBytes(Path.Combine(inputs.MarkedKernelCache, Path.GetFileName(entry)), cached);

        byte[] packed = File.ReadAllBytes(inputs.Kernel);
        EntryMark.WriteOverBzImageEntries(packed);
        File.WriteAllBytes(inputs.MarkedKernel, packed);
    }
}
